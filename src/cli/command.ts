/** Owns what a sub-command is, and how its own options are told from configuration flags. */

import { parseArgs } from 'node:util'
import { splitArguments } from '../config/layers/flags.ts'
import type { LoadedConfig } from '../config/load.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'

/** Exit codes: done, failed on the way, refused what was asked. */
export const exitDone = 0
export const exitFailed = 1
export const exitRefused = 2

/** What a command is given of the process. */
export interface CommandContext {
  /** Of this program. */
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Opens standard input. Its pipe becomes non-blocking with that, also for the processes that share it. */
  readonly stdin: () => AsyncIterable<Uint8Array>
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly readFile: (path: string) => string
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal
}

/** An option of one command alone; configuration flags belong to all. */
export interface CommandOption {
  readonly name: string
  readonly short?: string
  /** Absent: a switch without value. */
  readonly placeholder?: string
  readonly doc: string
}

/** A command's own options as given (each any number of times), its words, and its configuration flags. */
export interface CommandArguments {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly words: readonly string[]
  readonly flags: readonly string[]
  /** A line for each of the own options that lacks its value, or has one that it does not take. */
  readonly problems: readonly string[]
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the name in the usage line. */
  readonly usage: string
  readonly options: readonly CommandOption[]
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** What may stand where no option does, for completion. */
  readonly words?: () => readonly string[]
  /** Whether configuration flags mean anything to it. */
  readonly configured: boolean
  run(args: CommandArguments, context: CommandContext): Promise<number>
}

/** Divides a command's arguments; what nobody knows stays among the flags, where the configuration refuses it by name. */
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
      if (takesValue && !token.value) problems.push(`${token.name}: expected a value behind ${token.rawName}`)
      if (!takesValue && token.value !== undefined)
        problems.push(`${token.name}: expected no value, got "${token.value}"`)
      values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? ''])
    } else if (token.kind === 'option') {
      unknown.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`)
    }
  }
  return { values, words, flags: [...flags, ...unknown], problems }
}

/** Reads the configuration; prints all that is wrong with it, a line each, and yields undefined if anything is. */
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

/** As `configure`, for a command that takes no words: each is refused, and `hint` says what it may have been meant as. */
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
