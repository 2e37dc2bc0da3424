/**
 * Convergence: after random changes and random network faults the receiver has the series of the store. The receiver is
 * real, over gRPC, and validates samples as Prometheus does; time is faked, so nothing depends on the machine.
 */
import { status } from '@grpc/grpc-js'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { IncomingRequest } from '../../simulator/otlp/receiver-faults.ts'
import { createFakeClock } from '../time/fake-clock.ts'
import type { FaultyNetworkOptions, NetworkFault } from './network-faults.ts'
import { anyNetworkFault, createFaultyNetwork } from './network-faults.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import type { Change } from './traffic.ts'
import { anyChange, createTraffic } from './traffic.ts'
import { widgetResource } from './widgets.ts'

type Step =
  | { do: 'change'; change: Change }
  | { do: 'pass'; ms: number }
  | { do: 'release' }
  | { do: 'wall'; byMs: number }

interface Scenario {
  steps: readonly Step[]
  faults: readonly NetworkFault[]
  maxBytes: number | undefined
  maxInFlight: number
  seed: number
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyChange.map((change): Step => ({ do: 'change', change })) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12_000 }).map((ms): Step => ({ do: 'pass', ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'release' }) },
  { weight: 1, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map((byMs): Step => ({ do: 'wall', byMs })) },
)

const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  steps: fc.array(anyStep, { maxLength: 80, size: 'max' }),
  faults: fc.array(anyNetworkFault, { maxLength: 40, size: 'max' }),
  maxBytes: fc.option(fc.integer({ min: 1800, max: 5000 }), { nil: undefined }),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
})

const intervalMs = 30_000
const lookbackMs = 300_000

const runScenario = async (scenario: Scenario, options: PushingOptions, poison?: FaultyNetworkOptions['poison']) => {
  const clock = createFakeClock()
  const receiver = await createOtlpReceiver({ liveSet: { now: clock.wallMs } })
  const { faults, maxBytes, maxInFlight, seed } = scenario
  const network = createFaultyNetwork(receiver, { faults, maxBytes, ...(poison && { poison }) })
  const pushing = startPushing(
    network.transport,
    { intervalMs, maxInFlight, maxRequestBytes: 4000, seed, ...options },
    clock,
  )
  const { engine, pusher, ledger, stop } = pushing
  const traffic = createTraffic(engine)
  let beats = 0
  let isSteady = poison !== undefined
  /** Changes another object besides the poison, so that requests succeed all the time. */
  const beat = () => {
    const content = { phase: 'Running', parts: {}, restarts: ++beats }
    if (isSteady) traffic.apply({ do: 'put', resource: widgetResource, name: 'steady', content })
  }
  const pass = async (ms: number, stepMs = 1000) => {
    for (let left = ms; left > 0; left -= stepMs) {
      beat()
      clock.advance(Math.min(left, stepMs))
      await network.settle()
    }
  }
  const take = (step: Step) => {
    if (step.do === 'change') traffic.apply(step.change)
    else if (step.do === 'release') network.releaseHeld()
    else if (step.do === 'wall') clock.stepWall(step.byMs)
    return step.do === 'pass' ? pass(step.ms) : undefined
  }

  try {
    for (const step of scenario.steps) await take(step)
    traffic.settle()
    // Stale markers with one metric name are sent one after the other: intervals pass until their number stays the same.
    for (let pending = -1; poison !== undefined && pending !== ledger.pendingMarkers; ) {
      pending = ledger.pendingMarkers
      await pass(3 * intervalMs)
    }
    isSteady = false
    const live = traffic.live()
    const liveDuringFaults = receiver.liveSet.live()
    network.clear()
    await network.settle()
    // Requests that hang time out, back-offs end, objects that were set aside are sent again, everything is refreshed.
    await pass(10_000 + 10_000 + 3 * intervalMs)
    if (!network.injected.has('partly')) expect(receiver.liveSet.live()).toEqual(live)
    // A marker that was refused by a partial success is not sent again: its series ends with the lookback.
    if (network.injected.has('partly')) await pass(lookbackMs + 80 * 20_000, 5000)
    expect(receiver.liveSet.instantaneous(clock.wallMs())).toEqual(live)

    expect([...receiver.liveSet.problems]).toEqual([])
    expect(receiver.liveSet.counters).toMatchObject({ duplicatesInRequest: 0, conflicting: 0 })
    if (!network.injected.has('lateRequest'))
      expect(receiver.liveSet.counters).toMatchObject({ outOfOrder: 0, staleNotNewer: 0 })
    expect({ dirty: ledger.pending, inFlight: pusher.stats().inFlight, markers: ledger.pendingMarkers }).toEqual({
      dirty: 0,
      inFlight: 0,
      markers: 0,
    })
    return { ...pushing, liveDuringFaults, live }
  } finally {
    stop()
    const flushed = pusher.flush(0)
    clock.advance(0)
    await flushed
    await receiver.close()
  }
}

/** The time limit ends the search for the smallest counterexample, so that what was found is reported. */
const runs = (numRuns: number) => ({ numRuns, interruptAfterTimeLimit: 60_000 })
const rounds = { flushIntervalMs: 0 }
const stream = { flushIntervalMs: 5000 }

test('changes are sent as they come, and the receiver converges whatever the network faults', async () => {
  const property = fc.asyncProperty(anyScenario, async (scenario) => {
    const { reports } = await runScenario(scenario, stream)
    expect(reports.filter(({ outcome }) => outcome === 'invalid')).toEqual([])
  })
  await fc.assert(property, runs(60))
}, 120_000)

test('everything is sent at each interval, and the receiver converges whatever the network faults', async () => {
  const property = fc.asyncProperty(anyScenario, async (scenario) => {
    const { reports } = await runScenario(scenario, rounds)
    expect(reports.filter(({ outcome }) => outcome === 'invalid')).toEqual([])
  })
  await fc.assert(property, runs(40))
}, 120_000)

test('only what the receiver rejects, with any code, is held back during steady traffic, and it arrives once accepted', async () => {
  const property = fc.asyncProperty(
    anyScenario,
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom(status.INVALID_ARGUMENT, status.INTERNAL, status.UNKNOWN, status.UNAVAILABLE),
    fc.constantFrom(stream, rounds),
    async (scenario, name, code, mode) => {
      const text = `widget\u0012\u0003\u000a\u0001${name}`
      const isPoison = ({ bytes }: IncomingRequest) => Buffer.from(bytes).toString('latin1').includes(text)
      const withoutFaults = { ...scenario, faults: [], maxBytes: undefined }
      const { liveDuringFaults, live } = await runScenario(withoutFaults, mode, { isPoison, code })
      const isHarmless = ([series]: [string, number]) =>
        !/widget="(\w+)"/.exec(series)?.[1]?.match(`^(${name}|steady)$`)
      expect([...liveDuringFaults].filter(isHarmless).sort()).toEqual([...live].filter(isHarmless).sort())
    },
  )
  await fc.assert(property, runs(60))
}, 120_000)
