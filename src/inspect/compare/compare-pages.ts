/**
 * Compares two pages. While they differ and one is live, both are read again, so that only persistent differences count.
 * Only hashes of our series are kept in memory, not the pages.
 */

import type { Comparison } from './difference.ts'
import type { Findings, LastReading } from './findings.ts'
import { createFindings } from './findings.ts'
import type { PageVisitor } from './page-reader.ts'
import { PageError, readPage } from './page-reader.ts'
import type { PageSource } from './page-source.ts'
import type { FamilyTypes, PageTable, SeriesKey } from './page-table.ts'
import { createFamilyTypes, createPageTable, nextOccurrence, sameValue } from './page-table.ts'

export interface CompareOptions {
  readonly ours: PageSource
  readonly theirs: PageSource
  /** Families that are ignored on both pages. */
  readonly ignores: (family: string) => boolean
  /** The number of examples per family and kind of difference. */
  readonly examples: number
  /** How often both pages are read again while they differ and one of them is live. */
  readonly retries: number
  /** The pause before reading again. */
  readonly pause: () => Promise<void>
  readonly signal: AbortSignal
}

/** Compares until the pages are equal or the retries are used up. Rejects with PageError if a page cannot be read. */
export async function comparePages(options: CompareOptions): Promise<Comparison> {
  const { ours, theirs, retries, pause, signal } = options
  const mayMove = (ours.isLive || theirs.isLive) && !ours.isOnce && !theirs.isOnce
  let reading = await readBoth(options, undefined)
  for (let again = mayMove ? retries : 0; again > 0 && !reading.comparison.equal && !signal.aborted; again--) {
    await pause()
    if (signal.aborted) break
    reading = await readBoth(options, reading)
  }
  return reading.comparison
}

async function readBoth(options: CompareOptions, last: LastReading | undefined) {
  const table = await readOurs(options)
  const findings = createFindings(options.examples, last)
  const theirs = await readTheirs(options, table, findings)
  noteUnmatched(table, findings)
  if (findings.series.onlyOurs.size > 0 && options.examples > 0) await findExamples(options, table, findings)
  const differences = findings.differences(table.families.byName(), theirs.byName())
  const comparison: Comparison = {
    equal: differences.length === 0,
    ours: sizeOf(table.families),
    theirs: sizeOf(theirs),
    differences,
    readings: (last?.readings ?? 0) + 1,
  }
  return { comparison, differences, readings: comparison.readings, series: findings.series }
}

const sizeOf = (families: FamilyTypes) => ({ families: families.byName().size, series: families.samples })

async function readOurs({ ours, ignores, signal }: CompareOptions): Promise<PageTable> {
  const { table, visitor, end } = createPageTable()
  end(await readPage(ours.name, await ours.open(signal), leavingOut(ignores, visitor)))
  return table
}

async function readTheirs(
  { theirs, ignores, signal }: CompareOptions,
  table: PageTable,
  findings: Findings,
): Promise<FamilyTypes> {
  const families = createFamilyTypes()
  const visitor: PageVisitor = {
    type: families.type,
    sample(name, sample, series) {
      families.sample(name)
      const number = table.match(sample, sample.value)
      if (number === undefined) {
        findings.note('onlyTheirs', name, sample, (examples) => examples.onlyTheirs.push(series()))
        return
      }
      const [ours, theirs] = [table.valueOf(number), sample.value]
      if (sameValue(ours, theirs)) return
      const key = { low: table.series.lowOf(number), high: table.series.highOf(number) }
      findings.note('changed', name, key, (examples) => examples.changed.push({ series: series(), ours, theirs }))
    },
  }
  const end = await readPage(theirs.name, await theirs.open(signal), leavingOut(ignores, visitor))
  if (end.entries === 0) throw new PageError(`${theirs.name} is not a metrics page: it is empty`)
  families.end(end)
  return families
}

function leavingOut(ignores: (family: string) => boolean, { type, sample }: PageVisitor): PageVisitor {
  const known = new Map<string, boolean>()
  const isIgnored = (name: string) => {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, ignores(name))
    return known.get(name) as boolean
  }
  return {
    type: (name, kind) => (isIgnored(name) ? undefined : type(name, kind)),
    sample: (name, scanned, series) => (isIgnored(name) ? undefined : sample(name, scanned, series)),
  }
}

function noteUnmatched(table: PageTable, findings: Findings): void {
  const { series } = table
  for (let number = 0; number < series.size; number++) {
    if (table.isMatched(number)) continue
    findings.note('onlyOurs', table.familyOf(number), { low: series.lowOf(number), high: series.highOf(number) })
  }
}

/** Reads our page again for the texts of series that are only on it, because the table has only hashes. */
async function findExamples(
  { ours, ignores, signal }: CompareOptions,
  table: PageTable,
  findings: Findings,
): Promise<void> {
  const { onlyOurs } = findings.series
  const visitor: PageVisitor = {
    type() {},
    sample(name, sample, series) {
      for (let key: SeriesKey = sample; table.series.find(key.low, key.high) !== undefined; key = nextOccurrence(key)) {
        if (onlyOurs.find(key.low, key.high) !== undefined) return findings.exampleOfOurs(name, series)
      }
    },
  }
  await readPage(ours.name, await ours.open(signal), leavingOut(ignores, visitor))
}
