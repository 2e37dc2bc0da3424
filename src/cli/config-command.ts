/** The command `config`: the effective configuration, and the source of each value. */

import { describeConfig } from '../config/describe.ts'
import type { Command } from './command.ts'
import { configure, exitDone, exitRefused } from './command.ts'

export const configCommand: Command = {
  name: 'config',
  summary: 'Print the effective configuration and the source of each value; secrets are hidden',
  usage: '[--changed] [flags]',
  options: [{ name: 'changed', doc: 'only values that differ from their default' }],
  examples: [
    ['kube-state-otlp config --config=config.yaml --changed', 'show what this file changes'],
    ['kube-state-otlp config --otlp-endpoint=http://collector:4317', 'check flags before a rollout'],
  ],
  configured: true,
  async run({ values, words, flags }, context) {
    const loaded = configure([...flags, ...words], context)
    if (loaded === undefined) return exitRefused
    const settings = describeConfig(loaded)
      .filter(({ source }) => !values.has('changed') || source !== 'default')
      .map(({ key, value, source }) => ({
        key,
        source,
        value: typeof value === 'string' ? value : JSON.stringify(value),
      }))
    const widthOf = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length))
    const keyWidth = widthOf(settings.map(({ key }) => key))
    const valueWidth = Math.min(48, widthOf(settings.map(({ value }) => value)))
    for (const { key, value, source } of settings) {
      context.stdout.write(`${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${source}\n`)
    }
    for (const { message } of loaded.notices) context.stderr.write(`kube-state-otlp: ${message}\n`)
    return exitDone
  },
}
