/** Owns the tables of push decisions: what answers mean, how long to wait, how large requests are, which proxy is used. */
import { describe, expect, test } from 'vitest'
import { encodePartialSuccess, encodeStatus } from '../../simulator/otlp/response-messages.ts'
import { createBackoff } from '../../src/push/backoff.ts'
import { createTimestamps } from '../../src/push/clock.ts'
import type { Outcome } from '../../src/push/outcome.ts'
import { classify } from '../../src/push/outcome.ts'
import { createRefreshPace } from '../../src/push/refresh-pace.ts'
import { createRequestSize } from '../../src/push/request-size.ts'
import { readPartialSuccess, readRetryDelay } from '../../src/push/status-details.ts'
import { failed } from './fake-transport.ts'

test.each<[code: number, kind: Outcome['kind']]>([
  [1, 'retryable'],
  [2, 'refused'],
  [3, 'invalid'],
  [4, 'retryable'],
  [5, 'refused'],
  [6, 'refused'],
  [7, 'denied'],
  [8, 'refused'],
  [9, 'refused'],
  [10, 'retryable'],
  [11, 'retryable'],
  [12, 'refused'],
  [13, 'refused'],
  [14, 'retryable'],
  [15, 'retryable'],
  [16, 'denied'],
  [99, 'refused'],
])('gRPC status %i is %s', (code, kind) => {
  expect(classify(failed(code), { retryResourceExhausted: false }).kind).toBe(kind)
})

test.each<[message: string, maxBytes: number | undefined]>([
  ['grpc: received message larger than max (5000000 vs. 4194304)', 4_194_304],
  ['Received message larger than max (5000000 vs 4194304)', 4_194_304],
  ['grpc: received message after decompression larger than max 4194304', undefined],
])('%s', (message, maxBytes) => {
  expect(classify(failed(8, message), { retryResourceExhausted: true })).toMatchObject({ kind: 'too_large', maxBytes })
})

test('RESOURCE_EXHAUSTED is retried with RetryInfo, and without it by option', () => {
  expect(classify(failed(8, 'busy', 0), { retryResourceExhausted: false })).toMatchObject({
    kind: 'retryable',
    delayMs: 0,
  })
  expect(classify(failed(8, 'busy'), { retryResourceExhausted: true })).toMatchObject({ kind: 'retryable' })
  expect(classify(failed(8, 'busy'), { retryResourceExhausted: false })).toMatchObject({
    kind: 'refused',
    message: 'RESOURCE_EXHAUSTED: busy',
  })
})

test('a warning without rejected points is a partial success of none', () => {
  const options = { retryResourceExhausted: false }
  expect(classify({ kind: 'accepted', rejectedPoints: 0, message: '' }, options)).toEqual({ kind: 'acknowledged' })
  const warned = classify({ kind: 'accepted', rejectedPoints: 0, message: 'hm' }, options)
  expect(warned).toEqual({ kind: 'partial', rejectedPoints: 0, message: 'hm' })
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

describe('back-off', () => {
  const delays = (random: number) => {
    const backoff = createBackoff(() => random)
    return Array.from({ length: 6 }, () => {
      backoff.fail(backoff.epoch, 0, undefined)
      return backoff.until
    })
  }
  test('doubles up to ten seconds, less up to half by chance', () => {
    expect(delays(1)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
    expect(delays(0)).toEqual([500, 1000, 2000, 4000, 5000, 5000])
  })
  test('failures of requests that were under way together are one', () => {
    const backoff = createBackoff(() => 1)
    const { epoch } = backoff
    for (let i = 0; i < 4; i++) backoff.fail(epoch, 0, undefined)
    expect([backoff.failures, backoff.until]).toEqual([1, 1000])
  })
  test('a success resets it, but not one of a request sent before the failure', () => {
    const backoff = createBackoff(() => 1)
    const { epoch } = backoff
    backoff.fail(epoch, 0, undefined)
    backoff.succeed(epoch)
    expect(backoff.failures).toBe(1)
    backoff.succeed(backoff.epoch)
    expect([backoff.failures, backoff.until]).toEqual([0, Number.NEGATIVE_INFINITY])
  })
  test.each([
    [3000, 3000],
    [60_000, 60_000],
    [86_400_000, 300_000],
    [0, 500],
  ])('asked for %i ms it waits %i', (askedMs, waitedMs) => {
    const backoff = createBackoff(() => 0)
    backoff.fail(backoff.epoch, 0, askedMs)
    expect(backoff.until).toBe(waitedMs)
  })
})

describe('request size', () => {
  test.each<[bytes: number, stated: number | undefined, limit: number]>([
    [5000, 3000, 3000],
    [5000, undefined, 2500],
    [5000, 6000, 2500],
    [5000, 0, 2500],
  ])('too large with %i bytes, told %s: %i', (bytes, stated, limit) => {
    const size = createRequestSize(10_000)
    size.tooLarge(bytes, stated)
    size.succeeded()
    expect(size.limit).toBe(limit)
  })
  test('a slow line makes requests smaller for a while, but not tiny', () => {
    const size = createRequestSize(4_000_000)
    size.tooSlow(4_000_000)
    expect(size.limit).toBe(2_000_000)
    for (let i = 0; i < 10; i++) size.tooSlow(size.limit)
    expect(size.limit).toBe(65_536)
    size.succeeded()
    expect(size.limit).toBe(131_072)
    for (let i = 0; i < 10; i++) size.succeeded()
    expect(size.limit).toBe(4_000_000)
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
  const times = [5.7, 5.9, 3, 100, 100]
  const next = createTimestamps(() => times.shift() as number)
  expect([next(), next(), next(), next(), next()]).toEqual([5, 6, 7, 100, 101])
})
