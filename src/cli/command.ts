/** The interface of commands, and the separation of their own options from configuration flags. */

import { parseArgs } from 'node:util'
import { splitArguments } from '../config/layers/flags.ts'
import type { LoadedConfig } from '../config/load.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'

/** Exit codes: success, failure, invalid arguments or configuration. */
export const exitDone = 0
export const exitFailed = 1
export const exitRefused = 2

/** The process as seen by a command. */
export interface CommandContext {
  /** The version of the program. */
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Opens standard input. Its pipe becomes non-blocking with that, also for the processes that share it. */
  readonly stdin: () => AsyncIterable<Uint8Array>
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly readFile: (path: string) => string
  /** Aborts when the process receives a signal to stop. */
  readonly signal: AbortSignal
  /** Calls back on each SIGHUP, in place of ending the process. */
  readonly onHangup?: (reload: () => void) => void
}

/** An option of one command, as opposed to configuration flags. */
export interface CommandOption {
  readonly name: string
  readonly short?: string
  /** Absent for a switch without value. */
  readonly placeholder?: string
  readonly doc: string
}

/** The arguments of a command: its own options (each may be repeated), its words, and configuration flags. */
export interface CommandArguments {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly words: readonly string[]
  readonly flags: readonly string[]
  /** One line for each own option with a missing or unexpected value. */
  readonly problems: readonly string[]
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** The rest of the usage line after the name. */
  readonly usage: string
  readonly options: readonly CommandOption[]
  /** Command lines, each with a description. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** The possible words, for completion. */
  readonly words?: () => readonly string[]
  /** Whether it uses the configuration flags. */
  readonly configured: boolean
  run(args: CommandArguments, context: CommandContext): Promise<number>
}

/** Parses the arguments of a command. Unknown options remain in `flags`, where the configuration reports them. */
export function divideArguments(options: readonly CommandOption[], argv: readonly string[]): CommandArguments {
  const { flags, rest } = splitArguments(argv)
  const known = Object.fromEntries(
    options.map(({ name, short, placeholder }) => [
      name,
      { type: placeholder === undefined ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
    ]),
  )
  const { tokens } = parseArgs({ args: rest, options: known, strict: false, tokens: true, allowPositionals: true })
  const values = new Map<string, string[]>()
  const words: string[] = []
  const unknown: string[] = []
  const problems: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    else if (token.kind === 'option' && token.name in known) {
      const takesValue = known[token.name]?.type === 'string'
      if (takesValue && !token.value) problems.push(`${token.name}: expected a value after ${token.rawName}`)
      if (!takesValue && token.value !== undefined)
        problems.push(`${token.name}: expected no value, got "${token.value}"`)
      values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? ''])
    } else if (token.kind === 'option') {
      unknown.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`)
    }
  }
  return { values, words, flags: [...flags, ...unknown], problems }
}

/** Loads the configuration. Prints all problems, one per line, and returns undefined if there are any. */
export function configure(
  flags: readonly string[],
  { env, readFile, stderr }: CommandContext,
  readsCluster = true,
): LoadedConfig | undefined {
  const loaded = loadConfig({ argv: flags, env, readFile, readsCluster })
  if (loaded.ok) return loaded
  for (const problem of loaded.problems) stderr.write(`kube-state-otlp: ${formatProblem(problem)}\n`)
  return undefined
}

/** Like `configure`, for a command without words: each word is an error, and `hint` suggests what was meant. */
export function configureWithoutWords(
  { flags, words }: CommandArguments,
  hint: string,
  context: CommandContext,
  readsCluster: boolean,
): LoadedConfig | undefined {
  const loaded = configure(flags, context, readsCluster)
  for (const word of words) context.stderr.write(`kube-state-otlp: ${word}: expected no argument here; ${hint}\n`)
  return words.length === 0 ? loaded : undefined
}
