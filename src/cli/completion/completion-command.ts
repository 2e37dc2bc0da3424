/** The command `completion`: scripts for shells, generated from the commands and the configuration schema. */

import type { Command } from '../command.ts'
import { defineCommand, exitDone, exitRefused } from '../command.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import type { Vocabulary } from './vocabulary.ts'
import { vocabularyOf } from './vocabulary.ts'
import { zshScript } from './zsh.ts'

const scripts: ReadonlyMap<string, (vocabulary: Vocabulary) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])
const shells = [...scripts.keys()]

/** `commands` returns all commands, including this one, when the command runs. */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: 'completion',
    summary: 'Print a shell script that completes commands, flags and resources',
    usage: shells.join('|'),
    options: {},
    examples: [
      ['source <(kube-state-otlp completion bash)', 'for this shell, or permanently in ~/.bashrc'],
      ['source <(kube-state-otlp completion zsh)', 'for this shell, or permanently in ~/.zshrc, after compinit'],
      ['kube-state-otlp completion fish > ~/.config/fish/completions/kube-state-otlp.fish', 'for fish'],
    ],
    mainKeys: undefined,
    words: () => shells,
    async run({ words, flags }, { stdout, stderr }) {
      const [shell = '', ...more] = [...words, ...flags]
      const script = scripts.get(shell)
      if (script === undefined || more.length > 0) {
        const given = shell === '' ? '' : `, got "${[shell, ...more].join(' ')}"`
        stderr.write(`kube-state-otlp: completion: expected ${shells.join(' or ')}${given}\n`)
        return exitRefused
      }
      stdout.write(script(vocabularyOf(commands())))
      return exitDone
    },
  })
}
