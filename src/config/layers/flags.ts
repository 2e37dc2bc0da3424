/** Owns the flags' layer, in the manner of Go's pflag, which kube-state-metrics uses. Leaves sub-commands and their own options alone. */
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

/** One use of a flag; `text` is undefined where a value was due and the arguments ended. */
interface FlagUse {
  readonly target: Target
  readonly flag: string
  readonly text: string | undefined
}

interface SplitArguments {
  /** The arguments that are configuration, in their order. */
  readonly flags: string[]
  /** All others: sub-commands, their options, unknown flags, and everything from `--` on. */
  readonly rest: string[]
}

/** Divides arguments into those that `loadConfig` takes and those that are the command line's own. */
export function splitArguments(argv: readonly string[]): SplitArguments {
  const split: SplitArguments = { flags: [], rest: [] }
  for (const { use, words } of scan(argv)) (use === undefined ? split.rest : split.flags).push(...words)
  return split
}

/** Reads configuration flags. Repeated ones add up or replace each other as their format says; anything else is a problem. */
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
    message: 'expected a value behind the flag',
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

/** Goes through arguments from left to right; a flag's value is either behind `=` or the next argument, whatever it looks like. */
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

/** `--name`, `--name=value`; and klog's one-letter flag: `-v`, `-v4`, `-v=4`. */
function nameOf(word: string): { name?: string; inline?: string } {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? /^-(v)(?:=?(\d+))?$/.exec(word)
  if (long?.[1] === undefined) return {}
  return long[2] === undefined ? { name: long[1] } : { name: long[1], inline: long[2] }
}
