/** The list of commands, and the choice of the command to run. */

import { didYouMean } from '../config/suggestion.ts'
import type { Command, CommandContext } from './command.ts'
import { divideArguments, exitDone, exitRefused } from './command.ts'
import { compareCommand } from './compare-command.ts'
import { createCompletionCommand } from './completion/completion-command.ts'
import { configCommand } from './config-command.ts'
import { demoCommand } from './demo-command.ts'
import { renderCommandHelp, renderHelp } from './help.ts'
import { metricsCommand } from './metrics-command.ts'
import { rbacCommand } from './rbac-command.ts'
import { renderCommand } from './render-command.ts'
import { runCommand } from './run-command.ts'

/** All commands; the first one is the default. */
const commands: readonly Command[] = [
  runCommand,
  demoCommand,
  renderCommand,
  compareCommand,
  configCommand,
  metricsCommand,
  rbacCommand,
  createCompletionCommand(() => commands),
]

const isHelp = (word: string) => word === '--help' || word === '-h'

/** Runs the command of the arguments and returns the exit code. */
export async function runCommandLine(argv: readonly string[], context: CommandContext): Promise<number> {
  const [first = '', ...others] = argv
  if (first === 'help')
    return showHelp(
      others.find((word) => !word.startsWith('-')),
      context,
    )
  if (first === 'version' || first === '--version') {
    context.stdout.write(`kube-state-otlp ${context.version} (Node.js ${process.versions.node})\n`)
    return exitDone
  }
  if (first === '' || first.startsWith('-')) {
    if (argv.some(isHelp)) return showHelp(undefined, context)
    const [standard] = commands as readonly [Command]
    return runCommandWith(standard, argv, context)
  }
  const command = commands.find(({ name }) => name === first)
  if (command === undefined) return refuseCommand(first, context)
  return others.some(isHelp) ? showHelp(first, context) : runCommandWith(command, others, context)
}

async function runCommandWith(command: Command, argv: readonly string[], context: CommandContext): Promise<number> {
  const args = divideArguments(command.options, argv)
  for (const problem of args.problems) context.stderr.write(`kube-state-otlp: ${problem}\n`)
  return args.problems.length > 0 ? exitRefused : command.run(args, context)
}

/** Prints the help of one command, or of all. */
function showHelp(topic: string | undefined, context: CommandContext): number {
  const command = commands.find(({ name }) => name === topic)
  if (command === undefined && topic !== undefined && topic !== 'version') return refuseCommand(topic, context)
  context.stdout.write(command === undefined ? renderHelp(commands, context.version) : renderCommandHelp(command))
  return exitDone
}

function refuseCommand(given: string, { stderr }: CommandContext): number {
  const names = [...commands.map(({ name }) => name), 'version', 'help']
  const guess = didYouMean(given, names)
  stderr.write(`kube-state-otlp: there is no command ${given}${guess || `: the commands are ${names.join(', ')}`}\n`)
  return exitRefused
}
