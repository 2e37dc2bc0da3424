/** Collects differences while two pages are read: counts, examples, and those that persist since the previous reading. */

import type { ChangedValue, FamilyDifference } from './difference.ts'
import type { HashIndex } from './hash-index.ts'
import { createHashIndex } from './hash-index.ts'
import type { SeriesKey } from './page-table.ts'

type Kind = 'onlyOurs' | 'onlyTheirs' | 'changed'

/** The differences of one reading, for comparison with the next one. */
export interface LastReading {
  /** The number of the reading, from 1. */
  readonly readings: number
  readonly differences: readonly FamilyDifference[]
  readonly series: Readonly<Record<Kind, HashIndex>>
}

interface Examples {
  readonly onlyOurs: string[]
  readonly onlyTheirs: string[]
  readonly changed: ChangedValue[]
}

interface FamilyFindings {
  readonly counts: Record<Kind, number>
  readonly examples: Examples
}

export type Findings = ReturnType<typeof createFindings>

/** Collects differences, and only those that were also in the previous reading. */
export function createFindings(limit: number, last: LastReading | undefined) {
  const lastFamilies = new Map(last?.differences.map((difference) => [difference.name, difference]))
  const series = { onlyOurs: createHashIndex(), onlyTheirs: createHashIndex(), changed: createHashIndex() }
  const families = new Map<string, FamilyFindings>()
  const familyOf = (name: string): FamilyFindings => {
    const found = families.get(name) ?? emptyFindings()
    families.set(name, found)
    return found
  }
  return {
    series,
    note(kind: Kind, name: string, { low, high }: SeriesKey, addExample?: (examples: Examples) => void) {
      if (last !== undefined && last.series[kind].find(low, high) === undefined) return
      series[kind].add(low, high)
      const { counts, examples } = familyOf(name)
      counts[kind]++
      if (addExample !== undefined && examples[kind].length < limit) addExample(examples)
    },
    exampleOfOurs(name: string, text: () => string) {
      const { onlyOurs } = familyOf(name).examples
      if (onlyOurs.length >= limit) return
      const shown = text()
      if (!onlyOurs.includes(shown)) onlyOurs.push(shown)
    },
    differences(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): FamilyDifference[] {
      const names = [...new Set([...ours.keys(), ...theirs.keys(), ...families.keys()])].sort()
      return names.flatMap((name) => {
        const before = last === undefined ? undefined : (lastFamilies.get(name) ?? null)
        const { only, types } = persisting(headOf(ours.get(name), theirs.get(name)), before)
        const { counts, examples } = families.get(name) ?? emptyFindings()
        const isEqual = only === undefined && types === undefined && Object.values(counts).every((count) => count === 0)
        return isEqual ? [] : [{ name, only, types, series: counts, examples }]
      })
    },
  }
}

const emptyFindings = (): FamilyFindings => ({
  counts: { onlyOurs: 0, onlyTheirs: 0, changed: 0 },
  examples: { onlyOurs: [], onlyTheirs: [], changed: [] },
})

type Head = Pick<FamilyDifference, 'only' | 'types'>

function headOf(ours: string | undefined, theirs: string | undefined): Head {
  if (ours === undefined && theirs === undefined) return { only: undefined, types: undefined }
  if (ours === undefined) return { only: 'theirs', types: undefined }
  if (theirs === undefined) return { only: 'ours', types: undefined }
  return { only: undefined, types: ours === theirs ? undefined : { ours, theirs } }
}

/** `before` is undefined in the first reading, and null if the family did not differ in the previous one. */
function persisting({ only, types }: Head, before: Head | null | undefined): Head {
  if (before === undefined) return { only, types }
  return {
    only: before?.only === only ? only : undefined,
    types: before?.types === undefined ? undefined : types,
  }
}
