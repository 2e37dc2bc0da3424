/** The comparison at the end of a scenario: pages, the Collector and Prometheus beside a fresh LIST of the API server. */

import { join } from 'node:path'
import { expect } from 'vitest'
import type { KubeClient } from '../kube-client.ts'
import { waitFor } from '../peers.ts'
import type { Receivers } from '../receivers.ts'
import type { Difference } from '../series.ts'
import { abridge, compareSeries, isEqual } from '../series.ts'
import { renderFreshList } from './fresh-list.ts'

/** What was compared at the end of a scenario. */
export interface Compared {
  /** Series of the fresh LIST. */
  readonly series: number
  /** Series that a place lacked, had in addition, or with another value, in the last comparison. */
  readonly differing: number
  readonly refused: number
}

/** The page of a process, or of several that share the series. */
export interface Page {
  readonly name: string
  series(): Promise<Map<string, number>>
  /** For the message of a comparison that fails. */
  log(): string
}

export interface ComparisonOptions {
  readonly client: KubeClient
  readonly namespaces: readonly string[]
  /** Gets a folder for the lists. */
  readonly folder: string
  /** Flags. */
  readonly selection: readonly string[]
  readonly receivers: Receivers
}

/** Waits until all places have the series of a fresh LIST; fails with the last differences. */
export async function compareWithFreshList(
  { client, namespaces, folder, selection, receivers }: ComparisonOptions,
  when: string,
  pages: readonly Page[],
  waitMs: number,
): Promise<Compared> {
  let last: readonly (readonly [string, Difference])[] = []
  const compareOnce = async () => {
    const atPrometheus = await receivers.prometheusSeries()
    const places: [string, Map<string, number>][] = [['Collector', await receivers.collectorSeries()]]
    for (const page of pages) places.push([page.name, await page.series()])
    last = differencesOf(atPrometheus, places)
    if (last.length > 0) return undefined
    const expected = await renderFreshList(client, namespaces, join(folder, 'list'), selection)
    last = differencesOf(expected, [...places, ['Prometheus', atPrometheus]])
    return last.length === 0 ? expected : undefined
  }
  const series = await waitFor(`equal series (${when})`, compareOnce, waitMs).catch((error: unknown) => {
    const lines = last.map(([place, difference]) => `${place}: ${JSON.stringify(abridge(difference))}`)
    return expect.fail(`${error}\n${lines.join('\n')}\n${pages.map(({ log }) => log().slice(-3000))}`)
  })
  expect(series.size).toBeGreaterThan(0)
  return {
    series: series.size,
    differing: last.reduce((sum, [, difference]) => sum + countOf(difference), 0),
    refused: await receivers.refusedSamples(),
  }
}

const countOf = ({ missing, extra, values }: Difference) => missing.length + extra.length + values.length

function differencesOf(expected: Map<string, number>, places: readonly (readonly [string, Map<string, number>])[]) {
  return places
    .map(([place, found]) => [place, compareSeries(expected, found)] as const)
    .filter(([, difference]) => !isEqual(difference))
}
