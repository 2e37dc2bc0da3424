/** Parses label and annotation allow lists, such as `pods=[app,team-*],nodes=[*]`. Resource names are not checked here. */
import type { Format, Reading } from './format.ts'
import { isMapping, isScalar } from './format.ts'

/** Resource (or `*`) to the label keys that may be copied; at most one star in each key. */
export type LabelKeys = ReadonlyMap<string, readonly string[]>

const notation = 'resources with their keys in brackets, such as pods=[app,team],nodes=[*]'

/** Allow lists of labels or annotations. A repeated flag replaces the former one, as in kube-state-metrics. */
export const labelKeys: Format<LabelKeys, Readonly<Record<string, readonly string[]>>> = {
  placeholder: 'lists',
  accumulates: false,
  empty: { nullEmpties: true, mapNamesNothing: false },
  parse: parseLabelKeys,
  read: (input) => (typeof input === 'string' ? parseLabelKeys(input) : readMapping(input)),
  write: (value) => Object.fromEntries([...value].map(([resource, keys]) => [resource, [...keys]])),
  schema: {
    anyOf: [
      { type: 'object', additionalProperties: { type: ['array', 'null'], items: { type: ['string', 'number'] } } },
      { type: 'string' },
    ],
  },
}

function parseLabelKeys(input: string): Reading<LabelKeys> {
  const value = new Map<string, readonly string[]>()
  if (input.trim() === '') return { value }
  const entry = /([^=[\],]+)=\[([^[\]=]*)\](,(?=.)|$)/suy
  while (entry.lastIndex < input.length) {
    const match = entry.exec(input)
    if (match === null) return { expected: notation }
    value.set(
      match[1]?.trim() ?? '',
      match[2]?.trim() === '' ? [] : (match[2] ?? '').split(',').map((key) => key.trim()),
    )
  }
  return check(value)
}

function readMapping(input: unknown): Reading<LabelKeys> {
  const expected = 'a map of resources to lists of keys'
  if (!isMapping(input)) return { expected }
  const value = new Map<string, readonly string[]>()
  for (const [resource, keys] of Object.entries(input)) {
    if (keys !== null && !(Array.isArray(keys) && keys.every(isScalar))) return { expected }
    value.set(resource, (keys ?? []).map(String))
  }
  return check(value)
}

function check(value: LabelKeys): Reading<LabelKeys> {
  for (const [resource, keys] of value) {
    if (resource === '') return { expected: notation }
    for (const key of keys) {
      if (key === '') return { expected: `keys that are not empty; ${resource} has an empty one` }
      if (key.split('*').length > 2) return { expected: `one * in each key at most; ${resource} has "${key}"` }
    }
  }
  return { value }
}
