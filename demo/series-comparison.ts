/** Compares series without keeping the texts of both sides in memory. */

import { hash } from 'node:crypto'
import type { SeriesVisitor } from '../src/inspect/object-series.ts'

/** The series at the receiver, compared with those computed from the objects of the cluster. */
export interface SeriesComparison {
  readonly expected: number
  readonly received: number
  /** Series texts: not received, received but not expected, and received with another value. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly different: readonly string[]
}

/** Passes each series to a visitor. */
export type SeriesSource = (visit: SeriesVisitor) => void

/** Compares the expected series, of whose duplicates the first counts, with `received`, whose values it overwrites. */
export function compareSeries(expected: SeriesSource, received: Map<string, number | undefined>): SeriesComparison {
  const size = received.size
  const missing = new Set<string>()
  const different: string[] = []
  let found = 0
  expected((series, value) => {
    if (!received.has(series)) missing.add(series)
    const actual = received.get(series)
    // Found before.
    if (actual === undefined) return
    found++
    if (!Object.is(actual, value)) different.push(series)
    received.set(series, undefined)
  })
  const extra = [...received].filter(([, value]) => value !== undefined).map(([series]) => series)
  return { expected: found + missing.size, received: size, missing: [...missing], extra, different }
}

export const isEqual = ({ missing, extra, different }: SeriesComparison): boolean =>
  missing.length + extra.length + different.length === 0

/** A digest of series and their values, whatever their order. */
export interface SeriesDigest {
  readonly add: SeriesVisitor
  read(): string
}

const modulus = 2 ** 48

export function createSeriesDigest(): SeriesDigest {
  let count = 0
  let sum = 0
  return {
    add(series, value) {
      count++
      sum = (sum + hash('sha256', `${series} ${value}`, 'buffer').readUIntBE(0, 6)) % modulus
    },
    read: () => `${count}/${sum}`,
  }
}
