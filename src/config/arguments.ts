/**
 * The one parser of command-line arguments, in the manner of Go's pflag, which kube-state-metrics uses: for the flags of
 * the configuration and for the options of commands alike.
 */

/** What the parser knows of a flag. */
export interface FlagDeclaration {
  /** Without dashes. */
  readonly name: string
  /** One letter, for `-f`. */
  readonly short?: string | undefined
  /** The flag takes a value only behind `=`; alone it means `true`. */
  readonly bare: boolean
}

/** One use of a declared flag. */
export interface FlagUse {
  readonly name: string
  /** As it was written, without its value. */
  readonly flag: string
  /** Undefined: the arguments ended where the value was expected. */
  readonly text: string | undefined
  /** The arguments it consists of. */
  readonly tokens: readonly string[]
}

export interface ParsedArguments {
  readonly uses: readonly FlagUse[]
  /** Arguments that are neither flags nor their values, and everything behind `--`. */
  readonly words: readonly string[]
  /** Flags that are not declared, without their values. */
  readonly unknown: readonly string[]
}

/** Reads arguments from left to right. The value of a flag is behind `=`, or it is the next argument, whatever that looks like. */
export function parseArguments(argv: readonly string[], declared: readonly FlagDeclaration[]): ParsedArguments {
  const uses: FlagUse[] = []
  const words: string[] = []
  const unknown: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] as string
    if (argument === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    const match = matchFlag(argument, declared)
    if (match !== undefined) {
      const { name, flag, takesNext } = match
      const tokens = argv.slice(at, takesNext ? at + 2 : at + 1)
      uses.push({ name, flag, text: takesNext ? argv[at + 1] : match.text, tokens })
      if (takesNext) at += 1
    } else if (!argument.startsWith('-') || argument === '-') {
      words.push(argument)
    } else {
      unknown.push(argument.replace(/=.*/s, ''))
      // What follows may be its value: one problem is enough.
      if (!argument.includes('=') && !(argv[at + 1] ?? '-').startsWith('-')) at += 1
    }
  }
  return { uses, words, unknown }
}

interface FlagMatch {
  readonly name: string
  readonly flag: string
  readonly text: string | undefined
  readonly takesNext: boolean
}

/** `--name`, `--name=value`, `-n`, `-nvalue`, `-n=value`. */
function matchFlag(argument: string, declared: readonly FlagDeclaration[]): FlagMatch | undefined {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(argument)
  if (long !== null) {
    const [, given, text] = long
    const found = declared.find(({ name }) => name === given)
    return found && matchOf(found, `--${found.name}`, text)
  }
  const found = declared.find(({ short }) => short !== undefined && argument.startsWith(`-${short}`))
  const rest = argument.slice(2).replace(/^=/, '')
  const text = argument.length > 2 ? rest : undefined
  return found === undefined || (found.bare && argument.length > 2 && argument[2] !== '=')
    ? undefined
    : matchOf(found, argument.slice(0, 2), text)
}

function matchOf({ name, bare }: FlagDeclaration, flag: string, text: string | undefined): FlagMatch {
  return { name, flag, text: text ?? (bare ? 'true' : undefined), takesNext: text === undefined && !bare }
}
