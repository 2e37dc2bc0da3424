/** Owns the help texts, generated from the commands and from the configuration's schema. */

import { Command as Program } from 'commander'
import { createOptions } from '../config/options.ts'
import type { Command } from './command.ts'

const about = `Kubernetes object state as metrics, under kube-state-metrics' names and flags, pushed over OTLP the moment
it changes; /metrics stays for those who scrape.`

const precedence = `Every flag is also a key of the file that --config names and an environment variable.
Precedence: default < environment < flags < file.`

/** The page of `--help`: what there is. */
export function renderHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(
    ({ name, summary }, i) => `  ${name.padEnd(width)}  ${summary}${i === 0 ? ' (default)' : ''}`,
  )
  const examples = commands.flatMap((command) => command.examples.slice(0, 1))
  return [
    `kube-state-otlp ${version}`,
    about,
    'Usage: kube-state-otlp [command] [flags]',
    `Commands:\n${lines.join('\n')}`,
    `Examples:\n${renderExamples(examples)}`,
    `kube-state-otlp <command> --help shows a command's flags.\n${precedence}`,
    '',
  ].join('\n\n')
}

/** The page of `<command> --help`: usage, examples, its own options, and the configuration by section. */
export function renderCommandHelp(command: Command): string {
  const program = new Program(command.name)
    .usage(command.usage)
    .description(`${command.summary}.`)
    .helpOption('-h, --help', 'show this page')
    .configureHelp({ helpWidth: 110 })
  for (const { name, short, placeholder, doc } of command.options) {
    program.option(`${short ? `-${short}, ` : ''}--${name}${placeholder ? ` <${placeholder}>` : ''}`, doc)
  }
  if (command.configured) for (const option of createOptions()) program.addOption(option)
  const help = program.helpInformation().replace(/^Usage: /, 'Usage: kube-state-otlp ')
  return [
    help.trimEnd(),
    `Examples:\n${renderExamples(command.examples)}`,
    ...(command.configured ? [precedence] : []),
    '',
  ].join('\n\n')
}

function renderExamples(examples: Command['examples']): string {
  return examples.map(([line, does]) => `  # ${does}\n  ${line}`).join('\n')
}
