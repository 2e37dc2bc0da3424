/** The phases that measured programs go through: a start, rest, scrapes. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from '../../test/e2e/peers.ts'
import type { Scrape } from './page.ts'
import { scrape } from './page.ts'
import { usageOf } from './process-usage.ts'

const pollMs = 100

/** How long processes rest before their memory is read. */
export const settleMs = 15_000

export const secondsSince = (startedMs: number) => (performance.now() - startedMs) / 1000

/** Rejects with the end of its log if the process ends. */
export async function until(peer: Peer, isTrue: () => Promise<boolean>): Promise<void> {
  const ended = peer.exited.then((code) => {
    throw new Error(`the exporter has ended (${code}):\n${peer.log().slice(-2000)}`)
  })
  while (!(await Promise.race([isTrue().catch(() => false), ended]))) await sleep(pollMs)
  ended.catch(() => {})
}

export const isReady = async (readyUrl: string) => (await fetch(readyUrl)).ok

export interface MeasuredScrape extends Scrape {
  /** Of the program. */
  readonly cpuSeconds: number
}

export async function measureScrape(peer: Peer, url: string, gzip: boolean): Promise<MeasuredScrape> {
  const before = usageOf(peer.pid).cpuSeconds
  const scraped = await scrape(url, gzip)
  return { ...scraped, cpuSeconds: usageOf(peer.pid).cpuSeconds - before }
}

/** Of several scrapes, the one that took the least CPU, since other work falls into some. */
export async function cheapestScrape(peer: Peer, url: string, gzip: boolean, times: number): Promise<MeasuredScrape> {
  const all: MeasuredScrape[] = []
  for (let i = 0; i < times; i++) all.push(await measureScrape(peer, url, gzip))
  return all.reduce((best, other) => (other.cpuSeconds < best.cpuSeconds ? other : best))
}
