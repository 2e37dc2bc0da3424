/** The help texts, generated from the commands and the configuration schema. */

import type { Option } from 'commander'
import { createOptions } from '../config/options.ts'
import { allSettings } from '../config/schema.ts'
import { withoutEffect } from '../config/sections/compatibility.ts'
import { flagOf, variablePrefix } from '../config/setting.ts'
import type { Command, CommandOption } from './command.ts'
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
const commandColumn = 14

const more = 'kube-state-otlp <command> --help describes a command and its options.'

/** The output of `--help`: all commands and all flags. */
export function renderHelp(commands: readonly Command[], version: string): string {
  const examples = commands.flatMap((command) => command.examples.slice(0, 1))
  return paragraphs([
    `kube-state-otlp ${version}`,
    wrap(about),
    'Usage: kube-state-otlp [command] [flags]',
    layItems(
      'Commands',
      commands.map(({ name, summary }, i) => [name, `${summary}${i === 0 ? ' (default)' : ''}`]),
      commandColumn,
    ),
    renderExamples(examples),
    more,
    ...renderFlags(),
  ])
}

/** The output of `<command> --help`: usage, examples, own options, and the configuration flags by section. */
export function renderCommandHelp(command: Command): string {
  const options = [...command.options.map(describeOption), ['-h, --help', 'show this help'] as const]
  return paragraphs([
    `Usage: kube-state-otlp ${command.name} ${command.usage}`,
    wrap(`${command.summary}.`),
    renderExamples(command.examples),
    layItems('Options', options),
    ...(command.configured ? renderFlags() : []),
  ])
}

function describeOption({ name, short, placeholder, doc }: CommandOption): readonly [string, string] {
  return [`${short ? `-${short}, ` : ''}--${name}${placeholder ? ` <${placeholder}>` : ''}`, doc]
}

/** All configuration flags by section, then the flags of kube-state-metrics that are rejected or ignored. */
function renderFlags(): string[] {
  const sections = Map.groupBy(createOptions(), ({ helpGroupHeading }: Option) => helpGroupHeading ?? 'Flags:')
  const refused = [...allSettings].flatMap(([key, setting]) =>
    setting.refused === undefined ? [] : [[`--${flagOf(key, setting)}`, setting.refused] as const],
  )
  const ignored = withoutEffect.map(({ flag }) => (flag.length === 1 ? `-${flag}` : `--${flag}`))
  return [
    ...[...sections].map(([title, options]) =>
      layItems(
        title.replace(/:$/, ''),
        options.map(({ flags, description }) => [flags, description]),
      ),
    ),
    layItems('Flags of kube-state-metrics that are not supported', refused),
    `Flags of kube-state-metrics that are accepted and ignored:\n${wrap(ignored.join(', '), 2)}`,
    wrap(precedence),
  ]
}

function renderExamples(examples: Command['examples']): string {
  return `Examples:\n${examples.map(([line, does]) => `  # ${does}\n  ${line}`).join('\n')}`
}

const paragraphs = (texts: readonly string[]) => `${texts.join('\n\n')}\n`
