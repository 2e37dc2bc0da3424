/** The layer of command-line flags: which are known, and what they set. */
import type { FlagDeclaration, FlagUse } from '../arguments.ts'
import { parseArguments } from '../arguments.ts'
import type { Key } from '../schema.ts'
import { allSettings, settingOf } from '../schema.ts'
import { withoutEffect, withoutEffectNotice } from '../sections/compatibility.ts'
import { flagOf } from '../setting.ts'
import { didYouMean } from '../suggestion.ts'
import type { Layer } from './layer.ts'
import { createLayer } from './layer.ts'

const keysByFlag = new Map([...allSettings].map(([key, setting]) => [flagOf(key, setting), key] as const))
const isSilent = new Set(withoutEffect.map(({ flag }) => flag))

/** Every flag that the configuration knows, those without effect among them. */
export const configurationFlags: readonly FlagDeclaration[] = [
  ...[...keysByFlag].map(([name, key]) => ({ name, bare: settingOf(key).format.placeholder === '' })),
  ...withoutEffect.map(({ flag, bare }) => ({ name: flag, bare, ...(flag.length === 1 ? { short: flag } : {}) })),
]

/** Reads flags of the configuration. Repeated ones add up or replace each other as their format says; anything else is a problem. */
export function readFlags(argv: readonly string[]): Layer {
  const layer = createLayer()
  const { uses, words, unknown } = parseArguments(argv, configurationFlags)
  const silent = uses.filter(({ name }) => isSilent.has(name)).map(({ name }) => `--${name}`)
  if (silent.length > 0) layer.notices.push({ message: withoutEffectNotice([...new Set(silent)]) })
  for (const [name, ofFlag] of Map.groupBy(uses, (use) => use.name)) {
    const key = keysByFlag.get(name)
    if (key !== undefined) assign(layer, key, ofFlag)
  }
  for (const flag of unknown) reject(layer, flag, `expected a known flag${suggest(flag)}`)
  for (const word of words) reject(layer, word, 'expected no argument here')
  return layer
}

function assign(layer: Layer, key: Key, uses: readonly FlagUse[]): void {
  const texts: string[] = []
  for (const { flag, text } of uses) {
    if (text === undefined) {
      const message = 'expected a value after the flag'
      layer.problems.push({ key, value: undefined, source: { from: 'flag', flag }, message })
    } else texts.push(text)
  }
  const last = texts.at(-1)
  if (last === undefined) return
  const flag = uses[0]?.flag ?? ''
  const raw = settingOf(key).format.accumulates ? texts.join(',') : last
  layer.assignments.push({ key, raw, source: { from: 'flag', flag } })
}

function reject(layer: Layer, name: string, message: string): void {
  layer.problems.push({ key: name, value: undefined, source: { from: 'flag', flag: name }, message })
}

/** The flag that was meant, as the end of a sentence. */
export function suggest(flag: string, others: readonly FlagDeclaration[] = []): string {
  const names = [...configurationFlags, ...others].map(({ name }) => name)
  return didYouMean(flag, names, (name) => `--${name}`)
}
