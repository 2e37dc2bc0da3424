/** Servers whose pages are large, or held until a test releases them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'
import type { CountedPage } from './fixture.ts'
import { startServers } from './fixture.ts'

/** Starts both servers until the test ends. */
export async function start(...args: Parameters<typeof startServers>) {
  const servers = await startServers(...args)
  onTestFinished(() => servers.close(0))
  return servers
}

export const waitFor = (condition: () => void) => vi.waitFor(condition, { timeout: 20_000, interval: 10 })

export const sliceBytes = 64 * 1024
export const bigPageBytes = 200 * 1024 * 1024

/** 200 MiB; each slice is created when it is read. */
export function* bigPage(content: Buffer = Buffer.alloc(sliceBytes, 'x')) {
  for (let i = 0; i < bigPageBytes / sliceBytes; i++) yield Buffer.from(content)
}

/** Pages of one line that end when `release` is called. */
export function holdPages() {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* heldPage() {
    await promise
    yield Buffer.from('a 1\n')
  }
  return { heldPage, release: resolve }
}

export const words = (...list: string[]) => list.map((word) => Buffer.from(word))

/** Waits until the server reads no more slices: the same count twenty times in a row. */
export async function settleTaken(page: CountedPage): Promise<number> {
  for (let unchanged = 0, last = -1; unchanged < 20; await sleep(10)) {
    unchanged = page.taken === last ? unchanged + 1 : 0
    last = page.taken
  }
  return page.taken
}
