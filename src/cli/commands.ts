/** Owns the list of sub-commands and the choice among them. */

import type { Command, CommandContext } from './command.ts'
import { divideArguments, exitDone, exitRefused } from './command.ts'
import { compareCommand } from './compare-command.ts'
import { configCommand } from './config-command.ts'
import { demoCommand } from './demo/demo-command.ts'
import { renderCommandHelp, renderHelp } from './help.ts'
import { metricsCommand } from './metrics-command.ts'
import { rbacCommand } from './rbac-command.ts'
import { renderCommand } from './render-command.ts'
import { runCommand } from './run-command.ts'

/** All commands; the first is meant when none is named. */
const commands: readonly Command[] = [
  runCommand,
  demoCommand,
  renderCommand,
  compareCommand,
  configCommand,
  metricsCommand,
  rbacCommand,
]

/** Runs what the arguments ask for and returns the exit code. */
export async function runCommandLine(argv: readonly string[], context: CommandContext): Promise<number> {
  const { version } = context
  const [first = '', ...others] = argv
  const named = commands.find(({ name }) => name === first)
  const wantsHelp = argv.some((word) => word === '--help' || word === '-h')
  if (named === undefined && (wantsHelp || first === 'help')) {
    const topic = commands.find(({ name }) => name === others[0])
    context.stdout.write(topic === undefined ? renderHelp(commands, version) : renderCommandHelp(topic))
    return exitDone
  }
  if (first === 'version' || first === '--version') {
    context.stdout.write(`kube-state-otlp ${version} (Node.js ${process.versions.node})\n`)
    return exitDone
  }
  if (named === undefined && first !== '' && !first.startsWith('-')) {
    const names = commands.map(({ name }) => name).join(', ')
    context.stderr.write(`kube-state-otlp: there is no command ${first}: the commands are ${names}; see --help\n`)
    return exitRefused
  }
  const command = named ?? (commands[0] as Command)
  if (wantsHelp) {
    context.stdout.write(renderCommandHelp(command))
    return exitDone
  }
  return command.run(divideArguments(command.options, named === undefined ? argv : others), context)
}
