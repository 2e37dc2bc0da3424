/**
 * Owns the proof that whatever happens on the way, a receiver ends up with what the store holds: random traffic, random
 * weather, a real receiver over gRPC that judges as Prometheus does. Time is faked, so nothing depends on the machine.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createFakeClock } from './fake-clock.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import type { Change } from './traffic.ts'
import { anyChange, createTraffic } from './traffic.ts'
import type { Hardship, WeatherOptions } from './weather.ts'
import { anyHardship, createWeather } from './weather.ts'

type Step =
  | { do: 'change'; change: Change }
  | { do: 'pass'; ms: number }
  | { do: 'letGo' }
  | { do: 'wall'; byMs: number }

interface Scenario {
  steps: readonly Step[]
  hardships: readonly Hardship[]
  maxBytes: number | undefined
  maxInFlight: number
  seed: number
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyChange.map((change): Step => ({ do: 'change', change })) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 12_000 }).map((ms): Step => ({ do: 'pass', ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'letGo' }) },
  { weight: 1, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map((byMs): Step => ({ do: 'wall', byMs })) },
)

const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  steps: fc.array(anyStep, { maxLength: 80, size: 'max' }),
  hardships: fc.array(anyHardship, { maxLength: 40, size: 'max' }),
  maxBytes: fc.option(fc.integer({ min: 1800, max: 5000 }), { nil: undefined }),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
})

const intervalMs = 30_000
const lookbackMs = 300_000

const runScenario = async (scenario: Scenario, options: PushingOptions, isPoison?: WeatherOptions['isPoison']) => {
  const clock = createFakeClock()
  const receiver = await createOtlpReceiver({ liveSet: { now: clock.wallMs } })
  const { hardships, maxBytes, maxInFlight, seed } = scenario
  const weather = createWeather(receiver, { hardships, maxBytes, ...(isPoison && { isPoison }) })
  const pushing = startPushing(
    weather.transport,
    { intervalMs, maxInFlight, maxRequestBytes: 4000, seed, ...options },
    clock,
  )
  const { engine, pusher, store, stop } = pushing
  const traffic = createTraffic(engine)
  const pass = async (ms: number, stepMs = 1000) => {
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(left, stepMs))
      await weather.settle()
    }
  }
  const take = (step: Step) => {
    if (step.do === 'change') traffic.apply(step.change)
    else if (step.do === 'letGo') weather.letGo()
    else if (step.do === 'wall') clock.stepWall(step.byMs)
    return step.do === 'pass' ? pass(step.ms) : undefined
  }

  try {
    for (const step of scenario.steps) await take(step)
    traffic.settle()
    const live = traffic.live()
    // Departures of one name go one after the other: rounds pass until they get no fewer.
    for (let owed = -1; isPoison !== undefined && owed !== store.departures?.series; ) {
      owed = store.departures?.series ?? 0
      await pass(intervalMs)
    }
    const inBadWeather = receiver.liveSet.live()
    weather.clear()
    await weather.settle()
    // Requests that hang time out, back-offs end, what was set aside returns, everything is refreshed.
    await pass(10_000 + 10_000 + 3 * intervalMs)
    if (!weather.met.has('partly')) expect(receiver.liveSet.live()).toEqual(live)
    // A marker that was refused by a partial success is not sent again: its series ends with the lookback.
    if (weather.met.has('partly')) await pass(lookbackMs + 80 * 20_000, 5000)
    expect(receiver.liveSet.instantaneous(clock.wallMs())).toEqual(live)

    expect([...receiver.liveSet.problems]).toEqual([])
    expect(receiver.liveSet.counters).toMatchObject({ duplicatesInRequest: 0, conflicting: 0 })
    if (!weather.met.has('lateRequest'))
      expect(receiver.liveSet.counters).toMatchObject({ outOfOrder: 0, staleNotNewer: 0 })
    expect({ dirty: store.delivery?.dirty, inFlight: pusher.stats().inFlight, owed: store.departures?.series }).toEqual(
      {
        dirty: 0,
        inFlight: 0,
        owed: 0,
      },
    )
    return { ...pushing, inBadWeather, live }
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

test('changes leave as they come, and the receiver converges through any weather', async () => {
  const property = fc.asyncProperty(anyScenario, async (scenario) => {
    const { reports } = await runScenario(scenario, stream)
    expect(reports.filter(({ outcome }) => outcome === 'invalid')).toEqual([])
  })
  await fc.assert(property, runs(60))
}, 120_000)

test('rounds with one timestamp converge through any weather', async () => {
  const property = fc.asyncProperty(anyScenario, async (scenario) => {
    const { reports } = await runScenario(scenario, rounds)
    expect(reports.filter(({ outcome }) => outcome === 'invalid')).toEqual([])
  })
  await fc.assert(property, runs(40))
}, 120_000)

test('what a receiver will not have is held back alone, and arrives when it will', async () => {
  const property = fc.asyncProperty(
    anyScenario,
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom(stream, rounds),
    async (scenario, name, mode) => {
      const text = `widget\u0012\u0003\u000a\u0001${name}`
      const isPoison: WeatherOptions['isPoison'] = ({ bytes }) => Buffer.from(bytes).toString('latin1').includes(text)
      const calm = { ...scenario, hardships: [], maxBytes: undefined }
      const { inBadWeather, live } = await runScenario(calm, mode, isPoison)
      const harmless = [...live].filter(([series]) => !series.includes(`widget="${name}"`))
      expect([...inBadWeather].sort()).toEqual(harmless.sort())
    },
  )
  await fc.assert(property, runs(30))
}, 120_000)
