/**
 * The wall clock of the product is stepped by an hour, for half a minute and for longer, under libfaketime, which leaves the
 * monotonic clock alone. Receivers and API server keep the right time.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, onTestFinished, test } from 'vitest'
import { recordFault } from './fault-report.ts'
import { startFaultStack } from './fault-stack.ts'

const facts = inject('cluster')
const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path))
const hourSeconds = 3600
if (library === undefined)
  console.warn('SKIPPED: all scenarios of the clock, since the package faketime is not installed')
const scenario = test.skipIf(library === undefined)

async function setUp(name: string, offsetAtStart = 0) {
  const stack = await startFaultStack({ facts, name })
  onTestFinished(() => stack.stop())
  const file = join(stack.folder, 'clock')
  /** Written at once, since it is read at every call. */
  const step = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  step(offsetAtStart)
  const product = await stack.start('product', [], {
    env: {
      ...(library === undefined ? {} : { LD_PRELOAD: library }),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // Certificates of the cluster are not valid an hour ago.
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    },
  })
  return { stack, product, step }
}

/** What the clock of the start was wrong for has never been accepted: what ended then lives for Prometheus' lookback of 5 minutes. */
const lookbackMs = 330_000
/** Stale markers that were refused are sent again once the clock is right. */
const soonMs = 150_000

async function finish(
  { stack, product }: Awaited<ReturnType<typeof setUp>>,
  name: string,
  notes = '',
  withinMs = soonMs,
) {
  const compared = await stack.compare(name, [product], withinMs)
  recordFault({ scenario: name, ...compared, notes })
  return compared
}

scenario.each([hourSeconds, -hourSeconds])(
  'a step by %d s for 30 s changes nothing, and no sample is refused',
  async (seconds) => {
    const setup = await setUp(seconds > 0 ? 'clock-glitch-ahead' : 'clock-glitch-behind')
    const { stack, step } = setup
    await stack.compare('before the step', [setup.product])
    step(seconds)
    await stack.churnFor(30_000, 51)
    step(0)
    await stack.churnFor(5000, 52)
    const { refused } = await finish(setup, `clock stepped by ${seconds / 3600} h for 30 s`)
    expect(refused).toBe(0)
  },
)

scenario.each([hourSeconds, -hourSeconds])(
  'a step by %d s for two minutes: what is refused ends a minute after the clock is right',
  async (seconds) => {
    const setup = await setUp(seconds > 0 ? 'clock-ahead' : 'clock-behind')
    const { stack, step } = setup
    await stack.compare('before the step', [setup.product])
    step(seconds)
    await stack.churnFor(120_000, 53)
    expect(await stack.receivers.refusedSamples()).toBeGreaterThan(0)
    step(0)
    await sleep(65_000)
    const atEnd = await stack.receivers.refusedSamples()
    await stack.churnFor(5000, 54)
    const { refused } = await finish(
      setup,
      `clock stepped by ${seconds / 3600} h for 120 s`,
      'none refused from 65 s after the clock was right',
      // The page of the Collector keeps values of the future for five minutes.
      seconds > 0 ? lookbackMs : soonMs,
    )
    expect(refused).toBe(atEnd)
  },
)

scenario.each([
  { seconds: hourSeconds, direction: 'ahead' },
  { seconds: -hourSeconds, direction: 'behind' },
])('the clock is an hour $direction at the start, and right later', async ({ seconds, direction }) => {
  const setup = await setUp(`clock-start-${direction}`, seconds)
  const { stack, step } = setup
  await stack.churnFor(10_000, 55)
  expect((await stack.receivers.prometheusSeries()).size).toBe(0)
  step(0)
  await sleep(65_000)
  const atEnd = await stack.receivers.refusedSamples()
  await stack.churnFor(5000, 56)
  const { refused } = await finish(
    setup,
    `clock an hour ${direction} at the start`,
    'none refused from 65 s after the clock was right',
    lookbackMs,
  )
  expect(refused).toBe(atEnd)
})
