/** Random faults are reproducible, and a client that retries succeeds in the end. */
import { expect, onTestFinished, test } from 'vitest'
import { faultKinds, randomFaults } from '../../../simulator/otlp/random-faults.ts'
import { createOtlpReceiver } from '../../../simulator/otlp/receiver.ts'
import type { IncomingRequest } from '../../../simulator/otlp/receiver-faults.ts'
import { createRandomSource } from '../../../simulator/random-source.ts'
import { createGrpcClient, gauges } from './requests.ts'

const request: IncomingRequest = { index: 0, transport: 'grpc', bytes: new Uint8Array(), headers: {}, decoded: [] }
const draw = (seed: number, count: number, probability = 1) => {
  const script = randomFaults({ seed, probability })
  return Array.from({ length: count }, () => script(request))
}

test('the same seed gives the same faults, another seed others', () => {
  expect(draw(7, 50)).toEqual(draw(7, 50))
  expect(draw(7, 50)).not.toEqual(draw(8, 50))
})

test('the probability is as configured, and every kind occurs', () => {
  expect(draw(1, 100, 0)).toEqual(Array(100).fill(undefined))
  const troubled = draw(1, 3000, 0.25).filter((fault) => fault !== undefined).length
  expect(troubled).toBeGreaterThan(600)
  expect(troubled).toBeLessThan(900)
  const shapes = draw(1, 1000).map((fault) => `${fault?.applyTimes} ${fault?.response?.kind}`)
  expect(new Set(shapes).size).toBeGreaterThan(5)
  expect(faultKinds.length).toBe(10)
})

test('random numbers are evenly distributed', () => {
  const random = createRandomSource(3)
  const counts = Array<number>(10).fill(0)
  for (let throws = 0; throws < 10_000; throws++) counts[Math.floor(random() * 10)]!++
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('a client that keeps sending its state with new timestamps ends with equal state', async () => {
  const receiver = await createOtlpReceiver({ faults: randomFaults({ seed: 11, probability: 0.6, maxDelayMs: 2 }) })
  const { send, close } = createGrpcClient(receiver.grpcAddress, { 'grpc.initial_reconnect_backoff_ms': 100 })
  onTestFinished(async () => {
    close()
    await receiver.close()
  })
  const state = (timeMs: number) =>
    gauges([
      ['a', { timeMs, value: timeMs }],
      ['b', { timeMs, value: -timeMs }],
    ])
  for (let timeMs = 1; timeMs <= 60; timeMs++) await send(state(timeMs))
  expect(receiver.received.accepted).toBeLessThan(60)
  receiver.setFaults(undefined)
  await expect.poll(async () => Buffer.isBuffer(await send(state(100))), { timeout: 5000 }).toBe(true)
  expect(receiver.liveSet.live()).toEqual(
    new Map([
      ['a', 100],
      ['b', -100],
    ]),
  )
  expect(receiver.liveSet.counters).toMatchObject({ rejected: 0, duplicatesInRequest: 0 })
  expect(receiver.liveSet.problems.size).toBe(0)
})
