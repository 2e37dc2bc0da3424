/** The help texts, generated from the commands and the declarations of the configuration. */

import type { DescribedFlag } from '../config/flag-help.ts'
import { describeFlag, describeFlags } from '../config/flag-help.ts'
import type { Key } from '../config/schema.ts'
import { withoutEffect } from '../config/sections/compatibility.ts'
import { variablePrefix } from '../config/setting.ts'
import type { Command, CommandOption, CommandOptions } from './command.ts'
import type { HelpItem } from './help-layout.ts'
import { layItems, wrap } from './help-layout.ts'

const about =
  'Kubernetes object state as metrics, with the names and flags of kube-state-metrics, pushed over OTLP as soon as it ' +
  'changes, and served on /metrics.'

const precedence =
  'Every flag is also a key in the configuration file (--config) and an environment variable: ' +
  `${variablePrefix} and the flag in upper case (--push-interval is ${variablePrefix}PUSH_INTERVAL), unless the flag ` +
  'lists others. Precedence, lowest first: default, environment, flags, file (as in kube-state-metrics). ' +
  '"kube-state-otlp config" prints the effective values and their sources.'

/** The column of command summaries. */
const commandColumn = 15

const more =
  'kube-state-otlp <command> --help describes a command and its options. kube-state-otlp help flags lists all flags of ' +
  'the configuration, with their defaults and environment variables.'

/** The output of `--help`: all commands, and the main flags of the default command. */
export function renderHelp(commands: readonly Command[], version: string): string {
  return paragraphs([
    `kube-state-otlp ${version}`,
    wrap(about),
    'Usage: kube-state-otlp [command] [flags]',
    layItems(
      'Commands',
      commands.map(({ name, summary }, i) => [name, `${summary}${i === 0 ? ' (default)' : ''}`]),
      commandColumn,
    ),
    renderExamples(commands.flatMap((command) => command.examples.slice(0, 1))),
    ...renderMainFlags(commands[0]?.mainKeys),
    wrap(more),
  ])
}

/** The output of `<command> --help`: usage, examples, own options, and the flags of the configuration that matter most. */
export function renderCommandHelp(command: Command): string {
  const options = Object.entries(command.options as CommandOptions).map(describeOption)
  return paragraphs([
    `Usage: kube-state-otlp ${command.name} ${command.usage}`,
    wrap(`${command.summary}.`),
    renderExamples(command.examples),
    layItems('Options', [...options, ['-h, --help', 'show this help']]),
    ...renderMainFlags(command.mainKeys),
    ...(command.mainKeys === undefined ? [] : ['All flags: kube-state-otlp help flags']),
  ])
}

/** The output of `help flags`: all flags by section, then those of kube-state-metrics that are ignored. */
export function renderFlagHelp(): string {
  const ignored = withoutEffect.map(({ flag }) => (flag.length === 1 ? `-${flag}` : `--${flag}`))
  return paragraphs([
    ...describeFlags().map(({ title, flags }) => layItems(title, flags.map(flagItem))),
    `Flags of kube-state-metrics that are accepted and ignored:\n${wrap(ignored.join(', '), 2)}`,
    wrap(precedence),
  ])
}

function renderMainFlags(keys: readonly Key[] = []): string[] {
  return keys.length === 0 ? [] : [layItems('Main flags', keys.map(describeFlag).map(flagItem))]
}

function flagItem({ flag, placeholder, description }: DescribedFlag): HelpItem {
  return [placeholder === '' ? flag : `${flag} <${placeholder}>`, description]
}

function describeOption([name, option]: readonly [string, CommandOption]): HelpItem {
  const { short, format, doc, default: fallback, repeated } = option
  const placeholder = format.placeholder === '' ? '' : ` <${format.placeholder}>`
  const remarks = [
    ...(repeated ? ['may be repeated'] : []),
    ...(fallback === undefined || fallback === false ? [] : [`default: ${format.write(fallback)}`]),
  ]
  const flag = `${short === undefined ? '' : `-${short}, `}--${name}${placeholder}`
  return [flag, remarks.length === 0 ? doc : `${doc} (${remarks.join('; ')})`]
}

function renderExamples(examples: Command['examples']): string {
  return `Examples:\n${examples.map(([line, does]) => `  # ${does}\n  ${line}`).join('\n')}`
}

const paragraphs = (texts: readonly string[]) => `${texts.join('\n\n')}\n`
