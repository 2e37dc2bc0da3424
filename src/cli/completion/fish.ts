/** The completion script for fish: one `complete` command per word. */

import type { CommandWord, FlagWord, Vocabulary } from './vocabulary.ts'

/** A script for the completions folder of fish, or to `source`. */
export function fishScript({ commands }: Vocabulary): string {
  const [standard, ...others] = commands
  const names = commands.map(({ name }) => name).join(' ')
  const lines = [
    '# fish completion for kube-state-otlp: kube-state-otlp completion fish | source',
    'complete -c kube-state-otlp -f',
    ...commands.map(({ name, doc }) => complete('__fish_is_first_token', `-a ${name}`, doc)),
    ...(standard === undefined ? [] : flagLines(standard, `not __fish_seen_subcommand_from ${withoutFirst(names)}`)),
    ...others.flatMap((command) => flagLines(command, `__fish_seen_subcommand_from ${command.name}`)),
  ]
  return `${lines.join('\n')}\n`
}

const withoutFirst = (names: string) => names.replace(/^\S+ /, '')

function flagLines({ flags, words }: CommandWord, condition: string): string[] {
  const own = flags.map((flag) => complete(condition, flagOf(flag), flag.doc))
  return words.length === 0
    ? own
    : [...own, `complete -c kube-state-otlp -n ${quote(condition)} -a ${quote(words.join(' '))}`]
}

function flagOf({ flag, value }: FlagWord): string {
  const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
  switch (value.kind) {
    case 'none':
      return name
    case 'file':
      return `${name} -r -F`
    case 'words':
      return `${name} -x -a ${quote(value.words.join(' '))}`
    case 'list':
      return `${name} -x -a ${quote(`(__fish_append , ${value.words.join(' ')})`)}`
    case 'any':
      return `${name} -x`
  }
}

const complete = (condition: string, what: string, doc: string) =>
  `complete -c kube-state-otlp -n ${quote(condition)} ${what} -d ${quote(doc)}`

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
