/** The memory of the program while it runs, in a process of its own: the flags of V8 are those of a whole process. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const module = new URL('../../src/cli/garbage-collection.ts', import.meta.url).href

/** Allocates 100 buffers of 1 MB that nothing refers to; prints how many MB there were at most. */
const program = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { limitGarbage } from '${module}'
  limitGarbage()
  const before = process.memoryUsage().external
  let most = 0
  for (let i = 0; i < 100; i++) {
    Buffer.allocUnsafeSlow(1024 * 1024)
    most = Math.max(most, process.memoryUsage().external - before)
    await sleep(40)
  }
  console.log(most / 1024 / 1024)
`

test('buffers that nothing refers to are collected long before V8 does it by itself', async () => {
  const args = ['--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  // 10 MB, and what is allocated until the next look; V8 alone lets 32 MB or more pile up.
  expect(Number(stdout)).toBeGreaterThan(1)
  expect(Number(stdout)).toBeLessThan(30)
}, 30_000)
