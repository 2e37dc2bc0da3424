/** The completion script for bash, which does not need the package bash-completion. */

import type { CommandWord, FlagWord, Vocabulary } from './vocabulary.ts'

/** A script to `source`. */
export function bashScript({ commands }: Vocabulary): string {
  const [standard] = commands
  return `# bash completion for kube-state-otlp: source <(kube-state-otlp completion bash)
_kube_state_otlp() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} flag= head= command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # bash splits at "=" unless COMP_WORDBREAKS lacks it.
  if [[ $cur == = ]]; then flag=$prev cur=
  elif [[ $prev == = ]]; then flag=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == --*=* ]]; then flag=\${cur%%=*} head=$flag= cur=\${cur#*=}
  fi
  local commands=${quote(names(commands))} flags words
  case $command in
${commands.map(caseOf).join('\n')}
  *) flags=${quote(flagNames(standard))} words= ;;
  esac
  if [[ -z $flag && " $flags " == *" $prev="* ]]; then flag=$prev
  elif [[ -z $flag && $prev == -? && " $flags " == *" $prev "* ]]; then flag=$prev
  fi
  case $command:$flag in
  *:) ;;
${valueCases(commands)}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif (( COMP_CWORD == 1 )); then COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  else COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
  [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
_kube_state_otlp_reply() {
  local reply
  while IFS= read -r reply; do COMPREPLY+=("$head$reply"); done < <(compgen "$@")
}
complete -F _kube_state_otlp kube-state-otlp
`
}

function caseOf(command: CommandWord): string {
  return `  ${command.name}) flags=${quote(flagNames(command))} words=${quote(command.words.join(' '))} ;;`
}

/** The completion of the value of each flag, per command where commands differ. */
function valueCases(commands: readonly CommandWord[]): string {
  const uses = commands.flatMap(({ name, flags }) =>
    flags.map((flag) => ({ command: name, flag: flag.flag, answer: answerOf(flag) })),
  )
  const patterns = new Map<string, Set<string>>()
  for (const [flag, ofFlag] of Map.groupBy(uses, (use) => use.flag)) {
    const isSame = ofFlag.every(({ answer }) => answer === ofFlag[0]?.answer)
    for (const { command, answer } of ofFlag) {
      const pattern = `${isSame ? '*' : command}:${flag}`
      patterns.set(answer, (patterns.get(answer) ?? new Set()).add(pattern))
    }
  }
  return [...patterns].map(([answer, of]) => `  ${[...of].join('|')}) ${answer}; return 0 ;;`).join('\n')
}

function answerOf({ value }: FlagWord): string {
  switch (value.kind) {
    case 'none':
      return '_kube_state_otlp_reply -W \'true false\' -- "$cur"'
    case 'words':
      return `_kube_state_otlp_reply -W ${quote(value.words.join(' '))} -- "$cur"`
    case 'list':
      return [
        `[[ $cur == *,* ]] && head=$head\${cur%,*},`,
        `_kube_state_otlp_reply -W ${quote(value.words.join(' '))} -- "\${cur##*,}"`,
        'compopt -o nospace 2>/dev/null',
      ].join('; ')
    case 'file':
      return 'compopt -o filenames 2>/dev/null; _kube_state_otlp_reply -f -- "$cur"'
    case 'any':
      return ':'
  }
}

const names = (commands: readonly CommandWord[]) => commands.map(({ name }) => name).join(' ')

/** Flags with a value end in `=`, so that the value is typed next. */
function flagNames(command: CommandWord | undefined): string {
  const flags = command?.flags ?? []
  return flags.map(({ flag, value }) => (value.kind === 'none' || !flag.startsWith('--') ? flag : `${flag}=`)).join(' ')
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
