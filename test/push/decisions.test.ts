/** The tables of push decisions: what answers mean, how long to wait, how large requests are. */
import { describe, expect, test } from 'vitest'
import { encodePartialSuccess, encodeStatus } from '../../simulator/otlp/response-messages.ts'
import { createEndpointHealth } from '../../src/push/endpoint-health.ts'
import type { FailedCall } from '../../src/push/grpc-answer.ts'
import { failedAnswer } from '../../src/push/grpc-answer.ts'
import { createRefreshPace } from '../../src/push/refresh-pace.ts'
import { createRequestSize } from '../../src/push/request-size.ts'
import { readExportResponse, readPartialSuccess, readRetryDelay } from '../../src/push/status-details.ts'
import { createTimestamps } from '../../src/push/timestamps.ts'
import type { Answer } from '../../src/push/transport.ts'

const callThatFailed = (code: number, message = '', retryDelayMs?: number) => ({
  code,
  message,
  details: retryDelayMs === undefined ? undefined : encodeStatus(code, message, retryDelayMs),
  timedOut: code === 4,
})
const answerTo = (call: FailedCall, retryResourceExhausted = false) => failedAnswer(call, { retryResourceExhausted })

test.each<[code: number, kind: Answer['kind']]>([
  [1, 'unavailable'],
  [2, 'unavailable'],
  [3, 'invalid'],
  [4, 'unavailable'],
  [5, 'unavailable'],
  [6, 'unavailable'],
  [7, 'denied'],
  [8, 'unavailable'],
  [9, 'unavailable'],
  [10, 'unavailable'],
  [11, 'unavailable'],
  [12, 'unavailable'],
  [13, 'unavailable'],
  [14, 'unavailable'],
  [15, 'unavailable'],
  [16, 'denied'],
  [99, 'unavailable'],
])('gRPC status %i is %s', (code, kind) => {
  expect(answerTo(callThatFailed(code)).kind).toBe(kind)
})

test.each<[message: string, maxBytes: number | undefined]>([
  ['grpc: received message larger than max (5000000 vs. 4194304)', 4_194_304],
  ['Received message larger than max (5000000 vs 4194304)', 4_194_304],
  ['grpc: received message after decompression larger than max 4194304', 4_194_304],
  ['Received HTTP status code 413', undefined],
  ['tenant exceeds the max of active series', undefined],
])('%s', (message, maxBytes) => {
  expect(answerTo(callThatFailed(8, message), true)).toMatchObject({ kind: 'too_large', maxBytes })
})

test('RetryInfo is an asked delay; RESOURCE_EXHAUSTED is one without it by option', () => {
  expect(answerTo(callThatFailed(8, 'busy', 0))).toMatchObject({ kind: 'retry_after', delayMs: 0 })
  expect(answerTo(callThatFailed(14, 'busy', 50))).toMatchObject({ kind: 'retry_after', delayMs: 50 })
  expect(answerTo(callThatFailed(8, 'busy'), true)).toMatchObject({ kind: 'retry_after', delayMs: undefined })
  expect(answerTo(callThatFailed(8, 'busy'))).toMatchObject({
    kind: 'unavailable',
    message: 'RESOURCE_EXHAUSTED: busy',
  })
})

test('an asked delay is a matter of quota, whatever the words: requests do not become smaller', () => {
  const quota = callThatFailed(8, 'tenant exceeds the max of active series', 250)
  expect(answerTo(quota)).toMatchObject({ kind: 'retry_after', delayMs: 250 })
  expect(answerTo(quota, true)).toMatchObject({ kind: 'retry_after', delayMs: 250 })
})

test('no answer in time is marked as such', () => {
  expect(answerTo(callThatFailed(4))).toMatchObject({ kind: 'unavailable', timedOut: true })
  expect(answerTo(callThatFailed(14))).toMatchObject({ kind: 'unavailable', timedOut: false })
})

test('a warning without rejected points is a partial success of none', () => {
  expect(readExportResponse(new Uint8Array(0))).toEqual({ kind: 'accepted' })
  expect(readExportResponse(encodePartialSuccess(0, 'hm'))).toEqual({
    kind: 'partial',
    rejectedPoints: 0,
    message: 'hm',
  })
})

describe('reading answers', () => {
  test.each([0, 1, 250, 1250, 60_000, 1e9])('RetryInfo of %i ms', (delayMs) => {
    expect(readRetryDelay(encodeStatus(8, 'busy', delayMs))).toBe(delayMs)
  })
  test('no RetryInfo, and no sense', () => {
    expect(readRetryDelay(encodeStatus(8, 'busy'))).toBeUndefined()
    expect(readRetryDelay(Uint8Array.of(0x1a, 0x7f, 1))).toBeUndefined()
    expect(readRetryDelay(Uint8Array.of(0xff, 0xff))).toBeUndefined()
  })
  test('partial success', () => {
    expect(readPartialSuccess(encodePartialSuccess(17, 'too "öld"'))).toEqual({
      rejectedPoints: 17,
      message: 'too "öld"',
    })
    expect(readPartialSuccess(new Uint8Array(0))).toEqual({ rejectedPoints: 0, message: '' })
    expect(readPartialSuccess(Uint8Array.of(0x0a, 9, 1))).toEqual({ rejectedPoints: 0, message: '' })
  })
  test('unknown fields of all wire types are passed over', () => {
    const unknown = Uint8Array.of(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x78, 0x80, 1, 0x7a, 1, 9)
    const known = encodePartialSuccess(3, '')
    expect(readPartialSuccess(Buffer.concat([unknown, known])).rejectedPoints).toBe(3)
  })
})

describe('the health of the endpoint', () => {
  const delays = (random: number) => {
    const health = createEndpointHealth(() => random)
    return Array.from({ length: 6 }, () => {
      health.fail(health.epoch, 0)
      return health.pausedUntil
    })
  }
  test('its back-off doubles up to ten seconds, less up to half by chance', () => {
    expect(delays(1)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
    expect(delays(0)).toEqual([500, 1000, 2000, 4000, 5000, 5000])
  })
  test('failures of requests that were in flight together are one', () => {
    const health = createEndpointHealth(() => 1)
    const { epoch } = health
    for (let i = 0; i < 4; i++) health.fail(epoch, 0)
    expect([health.failures, health.pausedUntil]).toEqual([1, 1000])
  })
  test('a success resets it, but not one of a request sent before the failure', () => {
    const health = createEndpointHealth(() => 1)
    const { epoch } = health
    health.fail(epoch, 0)
    health.succeed(epoch)
    expect([health.failures, health.successes]).toEqual([1, 1])
    health.succeed(health.epoch)
    expect([health.failures, health.successes, health.pausedUntil]).toEqual([0, 2, Number.NEGATIVE_INFINITY])
  })
  test.each([
    [3000, 3000],
    [60_000, 60_000],
    [86_400_000, 300_000],
    [0, 0],
  ])('asked for %i ms it waits %i', (askedMs, waitedMs) => {
    const health = createEndpointHealth(() => 0)
    health.pause(0, askedMs)
    expect(health.pausedUntil).toBe(waitedMs)
  })
})

describe('request size', () => {
  const maxBytes = 4_000_000
  test.each<[bytes: number, stated: number | undefined, limit: number]>([
    [5000, 3000, 3000],
    [1_000_000, undefined, 500_000],
    [1_000_000, 2_000_000, 500_000],
    [1_000_000, 0, 500_000],
    [100_000, undefined, 65_536],
    [5000, undefined, maxBytes],
  ])('too large with %i bytes, the limit stated as %s: %i', (bytes, stated, limit) => {
    const size = createRequestSize(maxBytes)
    size.tooLarge(bytes, stated, 0)
    size.succeeded()
    expect(size.limitAt(0)).toBe(limit)
  })
  test('a stated limit is lasting, a guess has a floor and is raised again', () => {
    const size = createRequestSize(maxBytes)
    size.tooLarge(3_000_000, 1_000_000, 0)
    for (let i = 0; i < 20; i++) size.tooLarge(size.limitAt(0), undefined, 0)
    expect(size.limitAt(299_999)).toBe(65_536)
    expect(size.limitAt(300_000)).toBe(131_072)
    expect(size.limitAt(3_600_000)).toBe(1_000_000)
  })
  test('a slow network makes requests smaller for a while, but not tiny', () => {
    const size = createRequestSize(maxBytes)
    size.tooSlow(maxBytes)
    expect(size.limitAt(0)).toBe(2_000_000)
    for (let i = 0; i < 10; i++) size.tooSlow(size.limitAt(0))
    expect(size.limitAt(0)).toBe(65_536)
    size.succeeded()
    expect(size.limitAt(0)).toBe(131_072)
    for (let i = 0; i < 10; i++) size.succeeded()
    expect(size.limitAt(0)).toBe(maxBytes)
  })
})

test('refresh credit is spent whole and never saved for a burst', () => {
  const pace = createRefreshPace(60_000, 1000)
  for (let i = 0; i < 100; i++) pace.tick(540)
  expect(pace.budget).toBe(10)
  pace.spend(50)
  expect(pace.budget).toBe(-40)
  for (let i = 0; i < 4; i++) pace.tick(540)
  expect(pace.budget).toBe(0)
  pace.spend(1_000_000)
  pace.tick(540)
  expect(pace.budget).toBe(-540)
})

test('a tick as long as the interval refreshes everything', () => {
  const pace = createRefreshPace(10_000, 9500)
  pace.tick(77)
  expect(pace.budget).toBe(77)
})

test('timestamps are whole and grow', () => {
  const times = [5.7, 5.9, 3, 100, 100, 90]
  const { next, last, raise } = createTimestamps(() => times.shift() as number)
  expect(last()).toBe(0)
  expect([next(), next(), next(), next(), next()]).toEqual([5, 6, 7, 100, 101])
  expect(last()).toBe(101)
  raise(50)
  expect(last()).toBe(101)
  raise(500)
  expect(next()).toBe(501)
})

test('timestamps go back when no receiver can have accepted the last one', () => {
  const times = [3_600_000, 2_999_999, 2_999_998, 2_399_999]
  const { next } = createTimestamps(() => times.shift() as number)
  expect([next(), next(), next(), next()]).toEqual([3_600_000, 2_999_999, 3_000_000, 2_399_999])
})
