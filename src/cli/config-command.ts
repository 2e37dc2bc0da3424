/** The command `config`: the effective configuration, and the source of each value. */

import { describeConfig, valueText } from '../config/describe.ts'
import { boolean } from '../config/formats/format.ts'
import type { Command } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitRefused } from './command.ts'

export const configCommand: Command = defineCommand({
  name: 'config',
  summary: 'Print the effective configuration and the source of each value; secrets are hidden',
  usage: '[--changed] [flags]',
  options: {
    changed: { format: boolean, default: false, doc: 'only values that differ from their default' },
  },
  examples: [
    ['kube-state-otlp config --config=config.yaml --changed', 'show what this file changes'],
    ['kube-state-otlp config --otlp-endpoint=http://collector:4317', 'check flags before a rollout'],
  ],
  mainKeys: ['config', 'continue_without_config'],
  async run(args, context) {
    const loaded = configureWithoutWords(args, 'config accepts only flags', context)
    if (loaded === undefined) return exitRefused
    const settings = describeConfig(loaded)
      .filter(({ source }) => !args.options.changed || source !== 'default')
      .map((setting) => ({ key: setting.key, source: setting.source, value: valueText(setting) }))
    const widthOf = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length))
    const keyWidth = widthOf(settings.map(({ key }) => key))
    const valueWidth = Math.min(48, widthOf(settings.map(({ value }) => value)))
    for (const { key, value, source } of settings) {
      context.stdout.write(`${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}\n`)
    }
    for (const { message } of loaded.notices) context.stderr.write(`kube-state-otlp: ${message}\n`)
    return exitDone
  },
})
