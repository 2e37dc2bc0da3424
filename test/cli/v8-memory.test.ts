/** The memory of the program while it runs, in a process of its own: the flags of V8 are those of a whole process. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const module = new URL('../../src/cli/v8-memory.ts', import.meta.url).href

/** Allocates 100 buffers of 1 MB that nothing refers to; prints how many MB there were at most. */
const buffers = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { limitV8Memory } from '${module}'
  limitV8Memory()
  const before = process.memoryUsage().external
  let most = 0
  for (let i = 0; i < 100; i++) {
    Buffer.allocUnsafeSlow(1024 * 1024)
    most = Math.max(most, process.memoryUsage().external - before)
    await sleep(40)
  }
  console.log(most / 1024 / 1024)
`

/** The same, a request of 4 MB at a time, beside a heap of 60 MB that lives; prints how often all of it was collected. */
const requests = `
  import { PerformanceObserver, constants } from 'node:perf_hooks'
  import { setTimeout as sleep } from 'node:timers/promises'
  import { limitV8Memory } from '${module}'
  limitV8Memory()
  globalThis.living = Array.from({ length: 600_000 }, (_, i) => ({ i, text: 'object ' + i }))
  await sleep(1000)
  let full = 0
  const count = (list) => { for (const { detail } of list.getEntries()) full += Number(detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) }
  new PerformanceObserver(count).observe({ entryTypes: ['gc'] })
  for (let i = 0; i < 50; i++) {
    Buffer.allocUnsafeSlow(4 * 1024 * 1024)
    await sleep(60)
  }
  console.log(full)
`

async function printedBy(program: string): Promise<number> {
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

test('buffers that nothing refers to are collected long before V8 does it by itself', async () => {
  const most = await printedBy(buffers)
  // 6 MB, and what is allocated until the next look; V8 alone lets 32 MB or more pile up.
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThan(30)
}, 30_000)

test('new buffers for requests do not have all of the heap collected', async () => {
  // About 8; V8 alone collects all of it 31 times.
  expect(await printedBy(requests)).toBeLessThan(16)
}, 30_000)
