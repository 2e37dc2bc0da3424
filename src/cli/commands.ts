/** The list of commands, and the choice of the command to run. */

import type { FlagUse } from '../config/arguments.ts'
import { parseArguments } from '../config/arguments.ts'
import { boolean } from '../config/formats/format.ts'
import { configurationFlags } from '../config/layers/flags.ts'
import { didYouMean } from '../config/suggestion.ts'
import { cardinalityCommand } from './cardinality-command.ts'
import type { Command, CommandContext } from './command.ts'
import { exitDone, exitRefused, optionFlags, readOptions } from './command.ts'
import { compareCommand } from './compare-command.ts'
import { createCompletionCommand } from './completion/completion-command.ts'
import { configCommand } from './config-command.ts'
import { demoCommand } from './demo-command.ts'
import { doctorCommand } from './doctor-command.ts'
import { renderCommandHelp, renderFlagHelp, renderHelp } from './help.ts'
import { metricsCommand } from './metrics-command.ts'
import { rbacCommand } from './rbac-command.ts'
import { renderCommand } from './render-command.ts'
import { runCommand } from './run-command.ts'

/** All commands; the first one is the default. */
export const commands: readonly Command[] = [
  runCommand,
  demoCommand,
  renderCommand,
  compareCommand,
  cardinalityCommand,
  configCommand,
  metricsCommand,
  rbacCommand,
  doctorCommand,
  createCompletionCommand(() => commands),
]

const generalFlags = [
  { name: 'help', short: 'h', bare: true },
  { name: 'version', bare: true },
]

/** Every flag of the configuration, of all commands, and of none. */
export const allFlags = [...generalFlags, ...configurationFlags, ...commands.flatMap(optionFlags)]

/** Runs the command of the arguments and returns the exit code. The command may stand behind flags. */
export async function runCommandLine(argv: readonly string[], context: CommandContext): Promise<number> {
  const { uses, words, unknown } = parseArguments(argv, allFlags)
  const asksFor = (flag: string) => uses.some(({ name, text }) => name === flag && isTrue(text))
  const [first, ...others] = words
  if (first === 'help') return showHelp(others[0], context)
  if (first === 'version' || (first === undefined && asksFor('version'))) return showVersion(context)
  if (asksFor('help')) return showHelp(first, context)
  const command = first === undefined ? commands[0] : commands.find(({ name }) => name === first)
  if (command === undefined) return refuseCommand(first ?? '', context)
  const { values, problems } = readOptions(command, uses)
  const foreign = uses.filter((use) => isForeign(use, command))
  for (const { name, flag } of foreign)
    problems.push(`${flag}: expected with ${ownerOf(name)}, not with ${command.name}`)
  for (const problem of problems) context.stderr.write(`kube-state-otlp: ${problem}\n`)
  if (problems.length > 0) return exitRefused
  const flags = [...uses.filter(isOfConfiguration).flatMap(({ tokens }) => tokens), ...unknown]
  return command.run({ options: values, words: others, flags }, context)
}

function isTrue(text: string | undefined): boolean {
  const reading = boolean.parse(text ?? '')
  return 'value' in reading && reading.value
}

const configurationNames = new Set(configurationFlags.map(({ name }) => name))
const isOfConfiguration = ({ name }: FlagUse) => configurationNames.has(name)

/** Whether a flag is an option of other commands alone. */
function isForeign(use: FlagUse, { options }: Command): boolean {
  const isGeneral = generalFlags.some(({ name }) => name === use.name)
  return !isGeneral && !isOfConfiguration(use) && !Object.hasOwn(options, use.name)
}

function ownerOf(option: string): string {
  return commands
    .filter(({ options }) => Object.hasOwn(options, option))
    .map(({ name }) => name)
    .join(' or ')
}

function showVersion({ stdout, version }: CommandContext): number {
  stdout.write(`kube-state-otlp ${version} (Node.js ${process.versions.node})\n`)
  return exitDone
}

/** Prints the help of one command, of all, or of the flags of the configuration. */
function showHelp(topic: string | undefined, context: CommandContext): number {
  const command = commands.find(({ name }) => name === topic)
  if (command !== undefined) context.stdout.write(renderCommandHelp(command))
  else if (topic === 'flags') context.stdout.write(renderFlagHelp())
  else if (topic === undefined || topic === 'version') context.stdout.write(renderHelp(commands, context.version))
  else return refuseCommand(topic, context)
  return exitDone
}

function refuseCommand(given: string, { stderr }: CommandContext): number {
  const names = [...commands.map(({ name }) => name), 'version', 'help']
  const guess = didYouMean(given, names)
  stderr.write(`kube-state-otlp: there is no command ${given}${guess || `: the commands are ${names.join(', ')}`}\n`)
  return exitRefused
}
