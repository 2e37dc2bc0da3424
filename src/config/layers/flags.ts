/** The flags layer, which parses flags like Go's pflag in kube-state-metrics. Commands and their options are ignored here. */
import type { Key } from '../schema.ts'
import { allSettings, settingOf } from '../schema.ts'
import { withoutEffect, withoutEffectNotice } from '../sections/compatibility.ts'
import { flagOf } from '../setting.ts'
import { didYouMean } from '../suggestion.ts'
import type { Layer } from './layer.ts'
import { createLayer, put } from './layer.ts'

type Target = { readonly key: Key } | { readonly withoutEffect: string }

interface KnownFlag {
  readonly target: Target
  readonly bare: boolean
}

const knownFlags: ReadonlyMap<string, KnownFlag> = new Map<string, KnownFlag>([
  ...[...allSettings].map(
    ([key, setting]) => [flagOf(key, setting), { target: { key }, bare: setting.format.placeholder === '' }] as const,
  ),
  ...withoutEffect.map(({ flag, bare }) => [flag, { target: { withoutEffect: `--${flag}` }, bare }] as const),
])

/** One use of a flag; `text` is undefined if the value is missing. */
interface FlagUse {
  readonly target: Target
  readonly flag: string
  readonly text: string | undefined
}

interface SplitArguments {
  /** The configuration flags, in order. */
  readonly flags: string[]
  /** All other arguments: commands, their options, unknown flags, and everything after `--`. */
  readonly rest: string[]
}

/** Splits arguments into configuration flags for `loadConfig` and arguments of the command line. */
export function splitArguments(argv: readonly string[]): SplitArguments {
  const split: SplitArguments = { flags: [], rest: [] }
  for (const { use, words } of scan(argv)) (use === undefined ? split.rest : split.flags).push(...words)
  return split
}

/** Parses configuration flags. The format determines whether repeated flags are joined. Other arguments are problems. */
export function readFlags(argv: readonly string[]): Layer {
  const layer = createLayer()
  const texts = new Map<Key, { flag: string; texts: string[] }>()
  const ignored = new Set<string>()
  const unknown: string[] = []
  for (const { use, words } of scan(argv)) {
    if (use === undefined) unknown.push(...words)
    else if (use.text === undefined) rejectBareUse(layer, use)
    else if ('withoutEffect' in use.target) ignored.add(use.target.withoutEffect)
    else collect(texts, use.target.key, use.flag, use.text)
  }
  for (const [key, use] of texts) {
    put(layer, key, use.texts.join(','), { from: 'flag', flag: use.flag }, settingOf(key).format.parse)
  }
  if (ignored.size > 0) layer.notices.push({ message: withoutEffectNotice([...ignored]) })
  rejectUnknown(layer, unknown)
  return layer
}

function collect(texts: Map<Key, { flag: string; texts: string[] }>, key: Key, flag: string, text: string): void {
  const earlier = settingOf(key).format.accumulates ? (texts.get(key)?.texts ?? []) : []
  texts.set(key, { flag, texts: [...earlier, text] })
}

function rejectBareUse(layer: Layer, { flag, target }: FlagUse): void {
  const key = 'key' in target ? target.key : flag
  layer.problems.push({
    key,
    value: undefined,
    source: { from: 'flag', flag },
    message: 'expected a value after the flag',
  })
}

function rejectUnknown(layer: Layer, words: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    const isFlag = word.startsWith('-')
    const before = words[index - 1]
    if (!isFlag && before?.startsWith('-') && !before.includes('=')) continue
    const name = word.replace(/=.*/s, '')
    const message = isFlag
      ? `expected a known flag${didYouMean(name, knownFlags.keys(), (flag) => `--${flag}`)}`
      : 'expected no argument here'
    layer.problems.push({ key: name, value: undefined, source: { from: 'flag', flag: name }, message })
  }
}

/** Reads arguments from left to right. The value of a flag is after `=`, or else the next argument, even if it looks like a flag. */
function* scan(argv: readonly string[]): Generator<{ use?: FlagUse; words: readonly string[] }> {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') {
      yield { words: argv.slice(at) }
      return
    }
    const { name, inline } = nameOf(word)
    const known = name === undefined ? undefined : knownFlags.get(name)
    if (known === undefined) {
      yield { words: [word] }
      continue
    }
    const flag = word.replace(/=.*/s, '')
    if (inline !== undefined || known.bare) {
      yield { use: { target: known.target, flag, text: inline ?? 'true' }, words: [word] }
    } else {
      at += 1
      yield { use: { target: known.target, flag, text: argv[at] }, words: argv.slice(at - 1, at + 1) }
    }
  }
}

/** `--name` and `--name=value`, and the one-letter flag of klog: `-v`, `-v4`, `-v=4`. */
function nameOf(word: string): { name?: string; inline?: string } {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? /^-(v)(?:=?(\d+))?$/.exec(word)
  if (long?.[1] === undefined) return {}
  return long[2] === undefined ? { name: long[1] } : { name: long[1], inline: long[2] }
}
