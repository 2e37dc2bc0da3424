/** Owns the help texts, generated from the commands and from the configuration's schema. */

import type { Option } from 'commander'
import { createOptions } from '../config/options.ts'
import { allSettings } from '../config/schema.ts'
import { withoutEffect } from '../config/sections/compatibility.ts'
import { flagOf, variablePrefix } from '../config/setting.ts'
import type { Command, CommandOption } from './command.ts'
import { layItems, wrap } from './help-layout.ts'

const about =
  "Kubernetes object state as metrics, under kube-state-metrics' names and flags, pushed over OTLP the moment it " +
  'changes; /metrics stays for those who scrape.'

const precedence =
  'Every flag is also a key of the file that --config names, and an environment variable: ' +
  `${variablePrefix} and the flag in capitals (--push-interval is ${variablePrefix}PUSH_INTERVAL) unless another is ` +
  "named beside it. Default < environment < flags < file: the last word is the file's, as in kube-state-metrics. " +
  '"kube-state-otlp config" shows what is in force and where it came from.'

/** Where the summaries of commands begin. */
const commandColumn = 14

const more = 'kube-state-otlp <command> --help explains a command and its own options.'

/** The page of `--help`: what there is, and every flag. */
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

/** The page of `<command> --help`: usage, examples, its own options, and the configuration by section. */
export function renderCommandHelp(command: Command): string {
  const options = [...command.options.map(describeOption), ['-h, --help', 'show this page'] as const]
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

/** Every flag of the configuration by section, then those of kube-state-metrics that are something else here. */
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
    layItems('Flags of kube-state-metrics that are refused', refused),
    `Flags of kube-state-metrics that are taken, without effect:\n${wrap(ignored.join(', '), 2)}`,
    wrap(precedence),
  ]
}

function renderExamples(examples: Command['examples']): string {
  return `Examples:\n${examples.map(([line, does]) => `  # ${does}\n  ${line}`).join('\n')}`
}

const paragraphs = (texts: readonly string[]) => `${texts.join('\n\n')}\n`
