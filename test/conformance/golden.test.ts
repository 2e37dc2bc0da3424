/** Every case from objects to Prometheus text, OpenMetrics and OTLP: each must have exactly the recorded series. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { Case } from './cases.ts'
import { familyOf, goldenFolder, readCases, recordedFolder, relevantLines } from './cases.ts'
import { configureCase, observeCase, writePage, writeRequest } from './rendered-case.ts'
import { firstOfEachSeries, pointsOf, repeatedSeries } from './series-of.ts'

const catalogue: { readonly families: readonly { readonly name: string }[] } = JSON.parse(
  readFileSync(new URL('catalogue.json', import.meta.url), 'utf8'),
)
const recordedFamilies = new Set(catalogue.families.map(({ name }) => name))
const timestampMs = 1_700_000_000_000

const ourFamilies = new Set(resources.flatMap(({ families }) => families.map(({ name }) => name)))

describe('what kube-state-metrics printed', () => {
  for (const one of readCases(recordedFolder)) {
    // What it never had cannot be in its records, however widely a case opts in.
    test(one.name, () =>
      compare(one, (line) => recordedFamilies.has(familyOf(line)) || !ourFamilies.has(familyOf(line))),
    )
  }
})

describe('what we print beyond', () => {
  for (const one of readCases(goldenFolder)) test(one.name, () => compare(one, () => true))
})

function compare(one: Case, isCompared: (line: string) => boolean): void {
  if (one.rejects) {
    const loaded = configureCase(one)
    expect(loaded.ok ? [] : loaded.problems).not.toEqual([])
    return
  }
  expect(one.expected, `${one.name} has no .prom file: npm run golden`).toBeDefined()
  const expected = (one.expected as string[]).toSorted()
  const engine = observeCase(one)

  const text = relevantLines(writePage(engine, 'text')).filter(isCompared)
  expect(text.toSorted()).toEqual(expected)

  const openMetrics = writePage(engine, 'openmetrics')
  expect(openMetrics.endsWith('# EOF\n')).toBe(true)
  expect(relevantLines(openMetrics).map(likeText).filter(isCompared).toSorted()).toEqual(expected)

  const request = writeRequest(engine, timestampMs)
  expect(pointsOf(request, timestampMs, isCompared, repeatedSeries(text))).toEqual(firstOfEachSeries(text))
}

/** OpenMetrics names the families of counters and info metrics without the suffix of their samples; text has no type but gauge for info and state sets. */
function likeText(line: string): string {
  if (!line.startsWith('# TYPE ')) return line
  return line
    .replace(/ counter$/, '_total counter')
    .replace(/ info$/, '_info gauge')
    .replace(/ stateset$/, ' gauge')
}
