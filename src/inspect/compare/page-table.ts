/** One page as a table: families with types, and series as hashes with values. */

import type { HashIndex } from './hash-index.ts'
import { createHashIndex } from './hash-index.ts'
import type { PageEnd, PageVisitor } from './page-reader.ts'
import type { ScannedSample } from './sample-scan.ts'

/** A series by its hash. */
export interface SeriesKey {
  readonly low: number
  readonly high: number
}

export interface PageTable {
  readonly families: FamilyTypes
  readonly series: HashIndex
  valueOf(number: number): number
  familyOf(number: number): string
  /**
   * The number of a series with this hash that was not matched yet (each occurrence is matched once): the one with
   * the same value if there is one, otherwise the first. Undefined if there is none left.
   */
  match(key: SeriesKey, value: number): number | undefined
  isMatched(number: number): boolean
}

/** The hash for the next occurrence of the same series, because a page may have a series more than once. */
export function nextOccurrence({ low, high }: SeriesKey): SeriesKey {
  return { low: (low + 0x9e3779b9) >>> 0, high: (high + 0x7f4a7c15) >>> 0 }
}

/** Reads a page into a table; `end` must be called at its end. */
export function createPageTable(): {
  readonly table: PageTable
  readonly visitor: PageVisitor
  end(end: PageEnd): void
} {
  const families = createFamilyTypes()
  const series = createHashIndex()
  const names: string[] = []
  let values = new Float64Array(1024)
  let familyNumbers = new Uint32Array(1024)
  let matched = new Uint8Array(1024)
  const makeRoom = () => {
    if (series.size < values.length) return
    values = enlarge(values, new Float64Array(2 * values.length))
    familyNumbers = enlarge(familyNumbers, new Uint32Array(values.length))
    matched = enlarge(matched, new Uint8Array(values.length))
  }
  const freeKey = (sample: Readonly<ScannedSample>): SeriesKey => {
    let key: SeriesKey = sample
    while (series.find(key.low, key.high) !== undefined) key = nextOccurrence(key)
    return key
  }
  const visitor: PageVisitor = {
    type: families.type,
    sample(name, sample) {
      families.sample(name)
      if (names.at(-1) !== name) names.push(name)
      makeRoom()
      const { low, high } = freeKey(sample)
      const number = series.add(low, high)
      values[number] = sample.value
      familyNumbers[number] = names.length - 1
    },
  }
  const table: PageTable = {
    families,
    series,
    valueOf: (number) => values[number] as number,
    familyOf: (number) => names[familyNumbers[number] as number] as string,
    match(from, value) {
      let best: number | undefined
      let number = series.find(from.low, from.high)
      for (let key = from; number !== undefined; number = series.find(key.low, key.high)) {
        key = nextOccurrence(key)
        if (matched[number]) continue
        best ??= number
        if (!sameValue(values[number] as number, value)) continue
        best = number
        break
      }
      if (best !== undefined) matched[best] = 1
      return best
    },
    isMatched: (number) => matched[number] === 1,
  }
  return { table, visitor, end: families.end }
}

/** NaN equals NaN. */
export function sameValue(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

function enlarge<T extends Float64Array | Uint32Array | Uint8Array>(from: T, into: T): T {
  into.set(from)
  return into
}

/** The families of a page. */
export interface FamilyTypes {
  type(name: string, type: string): void
  sample(name: string): void
  end(end: PageEnd): void
  /** By name, complete at the end of the page; a family without TYPE line is untyped. */
  byName(): ReadonlyMap<string, string>
  readonly samples: number
}

const untyped = 'untyped'

/** Families have the names of their samples, also OpenMetrics counters. */
export function createFamilyTypes(): FamilyTypes {
  const declared = new Map<string, string>()
  const sampled = new Set<string>()
  let types: ReadonlyMap<string, string> = declared
  let samples = 0
  return {
    type(name, type) {
      declared.set(name, type === 'unknown' ? untyped : type)
    },
    sample(name) {
      samples++
      sampled.add(name)
    },
    end({ isOpenMetrics }) {
      const suffix = (type: string) => (isOpenMetrics && type === 'counter' ? '_total' : '')
      const named = [...declared].map(([name, type]) => [`${name}${suffix(type)}`, type] as const)
      types = new Map([...[...sampled].map((name) => [name, untyped] as const), ...named])
    },
    byName: () => types,
    get samples() {
      return samples
    },
  }
}
