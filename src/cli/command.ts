/** The interface of commands: their own options, declared as those of the configuration are, and their exit codes. */

import type { FlagDeclaration, FlagUse } from '../config/arguments.ts'
import type { Format } from '../config/formats/format.ts'
import type { LoadedConfig } from '../config/load.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem, show } from '../config/problem.ts'
import type { Key } from '../config/schema.ts'

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

/** An option of one command, as opposed to the flags of the configuration. */
export interface CommandOption {
  readonly doc: string
  // biome-ignore lint/suspicious/noExplicitAny: the type of the value follows from the declaration, see ValueOf
  readonly format: Format<any, any>
  readonly short?: string
  /** The value unless the option is given. */
  readonly default?: unknown
  /** The option may be given any number of times; its value is the list of all. */
  readonly repeated?: true
}

/** Options by their name, which is the flag without its dashes. */
export type CommandOptions = Readonly<Record<string, CommandOption>>

type ValueOf<O> = O extends { format: Format<infer T, infer _Written> }
  ? O extends { repeated: true }
    ? readonly T[]
    : O extends { default: infer D }
      ? T | Exclude<D, T>
      : T | undefined
  : never

/** The values of options. */
export type OptionValues<O extends CommandOptions> = { readonly [Name in keyof O]: ValueOf<O[Name]> }

/** The arguments of a command: the values of its own options, its words, and the flags of the configuration. */
export interface CommandArguments<O extends CommandOptions = CommandOptions> {
  readonly options: OptionValues<O>
  readonly words: readonly string[]
  /** As they were written; unknown ones are among them, and the configuration reports those. */
  readonly flags: readonly string[]
}

interface CommandDeclaration<O extends CommandOptions> {
  readonly name: string
  readonly summary: string
  /** The rest of the usage line after the name. */
  readonly usage: string
  readonly options: O
  /** Command lines, each with a description. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** The possible words, for completion. */
  readonly words?: () => readonly string[]
  /** The keys of the configuration whose flags its help shows; undefined if it uses no configuration. */
  readonly mainKeys: readonly Key[] | undefined
  run(args: CommandArguments<O>, context: CommandContext): Promise<number>
}

// biome-ignore lint/suspicious/noExplicitAny: a command takes only arguments that were read by its own declaration
export type Command = CommandDeclaration<any>

/** Declares a command; the types of its option values follow from their formats. */
export function defineCommand<const O extends CommandOptions>(declaration: CommandDeclaration<O>): Command {
  return declaration
}

/** The options of a command as the parser of arguments takes them. */
export function optionFlags({ options }: Command): FlagDeclaration[] {
  return Object.entries(options as CommandOptions).map(([name, { short, format }]) => ({
    name,
    short,
    bare: format.placeholder === '',
  }))
}

/** Reads the uses of a command's own options, and yields a line for each that cannot be read. */
export function readOptions({ options }: Command, uses: readonly FlagUse[]) {
  const problems: string[] = []
  const values = Object.entries(options as CommandOptions).map(([name, option]) => {
    const read = uses.filter((use) => use.name === name).flatMap((use) => readUse(option, use, problems))
    return [name, option.repeated ? read : (read.at(-1) ?? option.default)]
  })
  return { values: Object.fromEntries(values) as OptionValues<CommandOptions>, problems }
}

function readUse({ format }: CommandOption, { name, flag, text }: FlagUse, problems: string[]): unknown[] {
  if (text === undefined || text === '') {
    problems.push(`${name}: expected a value after ${flag}`)
    return []
  }
  const reading = format.parse(text)
  if ('value' in reading) return [reading.value]
  problems.push(`${name}: expected ${reading.expected}, got ${show(text)}`)
  return []
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
  { flags, words }: Pick<CommandArguments, 'flags' | 'words'>,
  hint: string,
  context: CommandContext,
  readsCluster = true,
): LoadedConfig | undefined {
  const loaded = configure(flags, context, readsCluster)
  for (const word of words) context.stderr.write(`kube-state-otlp: ${word}: expected no argument here; ${hint}\n`)
  return words.length === 0 ? loaded : undefined
}
