/** The completion script for zsh, based on its functions `_describe` and `_arguments`. */

import type { CommandWord, FlagWord, Vocabulary } from './vocabulary.ts'

/** A script for a folder of `$fpath`, or to `source` after compinit. */
export function zshScript({ commands }: Vocabulary): string {
  const [standard] = commands
  return `#compdef kube-state-otlp
# zsh completion for kube-state-otlp: source <(kube-state-otlp completion zsh)
_kube_state_otlp() {
  local -a commands
  commands=(
${commands.map(({ name, doc }) => `    ${quote(`${name}:${escapeColons(doc)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    return
  fi
  case $words[2] in
${commands.map((command) => `  ${command.name}) shift words; (( CURRENT-- )); ${argumentsOf(command)} ;;`).join('\n')}
  *) ${standard === undefined ? ':' : argumentsOf(standard)} ;;
  esac
}
if [[ $funcstack[1] == _kube_state_otlp ]]; then _kube_state_otlp "$@"; else compdef _kube_state_otlp kube-state-otlp; fi
`
}

function argumentsOf({ flags, words }: CommandWord): string {
  const rest = words.length === 0 ? [] : [`*:word:(${words.join(' ')})`]
  return ['_arguments', ...[...flags.map(specOf), ...rest].map(quote)].join(' \\\n      ')
}

/** One flag as \`_arguments\` takes it: name, explanation, what follows. */
function specOf({ flag, value, doc }: FlagWord): string {
  const explained = `[${escapeColons(doc).replaceAll(/[[\]]/g, '\\$&')}]`
  const equals = flag.startsWith('--') ? '=' : '+'
  switch (value.kind) {
    case 'none':
      return `${flag}${explained}`
    case 'file':
      return `*${flag}${equals}${explained}:path:_files`
    case 'words':
      return `*${flag}${equals}${explained}:word:(${value.words.join(' ')})`
    case 'list':
      return `*${flag}${equals}${explained}:names:_sequence compadd - ${value.words.join(' ')}`
    case 'any':
      return `*${flag}${equals}${explained}:value: `
  }
}

const escapeColons = (text: string) => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:')
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
