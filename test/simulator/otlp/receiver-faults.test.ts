/** The receiver injects each kind of fault over both transports. */
import type { ServiceError } from '@grpc/grpc-js'
import { status as grpcStatus } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { messageType } from '../../../simulator/otlp/message-types.ts'
import type { Fault } from '../../../simulator/otlp/receiver-faults.ts'
import {
  cutConnection,
  firstOf,
  inTurn,
  limitMessages,
  poison,
  refuseWith,
  requireHeader,
  withAttributes,
} from '../../../simulator/otlp/receiver-faults.ts'
import { encodeStatus } from '../../../simulator/otlp/response-messages.ts'
import { failure, large, openReceiver, sample, success } from './opened-receiver.ts'
import { gauges } from './requests.ts'

const detailsOf = (error: Buffer | ServiceError) => (error as ServiceError).metadata.get('grpc-status-details-bin')[0]

test.each([
  ['UNAVAILABLE', 503],
  ['RESOURCE_EXHAUSTED', 429],
  ['PERMISSION_DENIED', 403],
  ['UNAUTHENTICATED', 401],
  ['INVALID_ARGUMENT', 400],
  ['DEADLINE_EXCEEDED', 504],
  ['INTERNAL', 500],
] as const)('refusing with %s, %i over HTTP', async (name, httpStatus) => {
  const code = grpcStatus[name]
  const { receiver, send, post } = await openReceiver({ faults: () => refuseWith(code, { message: 'no "é"' }) })
  expect(await send(sample(1))).toEqual(failure(code, 'no "é"'))
  const answer = await post(sample(1))
  expect(answer.status).toBe(httpStatus)
  expect(answer.body).toEqual(Buffer.from(encodeStatus(code, 'no "é"')))
  expect(receiver.received.refused).toBe(2)
  expect(receiver.liveSet.size).toBe(0)
})

test('RetryInfo is sent as status details, over HTTP as Retry-After', async () => {
  const faults = () => refuseWith(grpcStatus.RESOURCE_EXHAUSTED, { retryAfterMs: 1250 })
  const { send, post } = await openReceiver({ faults })
  const details = messageType('RpcStatus').decode(detailsOf(await send(sample(1))) as Buffer) as unknown as {
    code: number
    details: { typeUrl: string; value: Buffer }[]
  }
  expect(details.code).toBe(grpcStatus.RESOURCE_EXHAUSTED)
  expect(details.details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo')
  const retryInfo = messageType('RetryInfo').decode(details.details[0]?.value ?? Buffer.alloc(0))
  expect(retryInfo.toJSON()).toEqual({ retryDelay: { seconds: '1', nanos: 250_000_000 } })
  expect(await post(sample(1))).toMatchObject({ status: 429, headers: { 'retry-after': '2' } })
})

test('a refusal without RetryInfo carries no details', async () => {
  const { send } = await openReceiver({ faults: () => refuseWith(grpcStatus.RESOURCE_EXHAUSTED) })
  expect(detailsOf(await send(sample(1)))).toBeUndefined()
})

test('a response can be lost although the request was applied', async () => {
  const faults = inTurn(refuseWith(grpcStatus.UNAVAILABLE, { applied: true }), cutConnection('after'))
  const { receiver, send } = await openReceiver({ faults })
  expect(await send(sample(1, 1))).toEqual(failure(grpcStatus.UNAVAILABLE))
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 1]]))
  expect(await send(sample(2, 2))).toMatchObject({ code: expect.any(Number) })
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 2]]))
  expect(await send(sample(3, 3))).toEqual(success)
  expect(receiver.received).toMatchObject({ cut: 1, refused: 1, accepted: 1 })
})

test('a connection closed before the request is applied has no effect, over both transports', async () => {
  const { receiver, send, post } = await openReceiver({
    faults: inTurn(cutConnection('before'), cutConnection('before')),
  })
  expect(await send(sample(1))).toMatchObject({ code: expect.any(Number) })
  await expect(post(sample(1))).rejects.toThrow()
  expect(receiver.liveSet.size).toBe(0)
  expect(await send(sample(1))).toEqual(success)
  expect(await post(sample(2))).toMatchObject({ status: 200 })
})

test('a request without response ends at the deadline of the client', async () => {
  const silence: Fault = { applyTimes: 1, response: { kind: 'silence' } }
  const { receiver, send } = await openReceiver({ faults: inTurn(undefined, silence) })
  await send(sample(1, 1))
  expect(await send(sample(2, 2), {}, 500)).toEqual(failure(grpcStatus.DEADLINE_EXCEEDED))
  await expect.poll(() => receiver.received.silenced).toBe(1)
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 2]]))
})

test('a delayed request is overtaken by a later one', async () => {
  const { promise: until, resolve: release } = Promise.withResolvers<void>()
  const { receiver, send } = await openReceiver({ faults: inTurn({ until, delayMs: 1 }) })
  const late = send(sample(1))
  await expect.poll(() => receiver.received.requests).toBe(1)
  expect(await send(sample(2, 2))).toEqual(success)
  release()
  expect(await late).toEqual(failure(grpcStatus.INVALID_ARGUMENT))
  expect(receiver.liveSet.live()).toEqual(new Map([['m', 2]]))
})

test('a request whose response is delayed is already applied', async () => {
  const { promise: responseUntil, resolve: release } = Promise.withResolvers<void>()
  const { receiver, send } = await openReceiver({ faults: inTurn({ responseUntil, responseDelayMs: 1 }) })
  const late = send(sample(1))
  await expect.poll(() => receiver.liveSet.size).toBe(1)
  expect(await send(sample(2, 2))).toEqual(success)
  expect(receiver.received.accepted).toBe(1)
  release()
  expect(await late).toEqual(success)
})

test('stopping ends delayed requests without applying them', async () => {
  const { receiver, send } = await openReceiver({ faults: () => ({ until: new Promise(() => {}) }) })
  const held = send(sample(1))
  await expect.poll(() => receiver.received.requests).toBe(1)
  await receiver.stop()
  expect(await held).toMatchObject({ code: grpcStatus.UNAVAILABLE })
  await expect.poll(() => receiver.received.cut).toBe(1)
  expect(receiver.liveSet.size).toBe(0)
})

test('a request delivered twice changes nothing', async () => {
  const { receiver, send } = await openReceiver({ faults: () => ({ applyTimes: 2 }) })
  expect(await send(sample(1))).toEqual(success)
  expect(receiver.liveSet.counters).toMatchObject({ requests: 2, repeated: 1 })
})

const readPartial = (body: Buffer | ServiceError) =>
  messageType('ExportMetricsServiceResponse')
    .decode(body as Buffer)
    .toJSON()

test('a partial success rejects the last points, or the selected ones', async () => {
  const message = 'too many'
  const byName: Fault = { response: { kind: 'partial', message, rejects: (_point, { name }) => name === 'a' } }
  const last: Fault = { response: { kind: 'partial', message, rejectedDataPoints: 2 } }
  const { receiver, send, post } = await openReceiver({ faults: inTurn(last, byName) })
  const three = (timeMs: number) =>
    gauges([
      ['a', { timeMs, value: 1 }],
      ['b', { timeMs, value: 1 }],
      ['c', { timeMs, value: 1 }],
    ])
  expect(readPartial(await send(three(1)))).toEqual({
    partialSuccess: { rejectedDataPoints: '2', errorMessage: message },
  })
  expect([...receiver.liveSet.live().keys()]).toEqual(['a'])
  expect(
    readPartial(
      (
        await post(
          gauges([
            ['a', { timeMs: 2 }],
            ['b', { timeMs: 2, value: 2 }],
          ]),
        )
      ).body,
    ),
  ).toEqual({
    partialSuccess: { rejectedDataPoints: '1', errorMessage: message },
  })
  expect(receiver.liveSet.live()).toEqual(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  )
  expect(receiver.received.partial).toBe(2)
})

test('lasting faults: size limit, credentials, poison', async () => {
  const isPoison = withAttributes({ namespace: 'n', pod: 'bad' })
  const faults = firstOf(limitMessages(200), requireHeader('Authorization', 'Bearer right'), poison(isPoison))
  const { receiver, send, post } = await openReceiver({ faults })
  const right = { authorization: 'Bearer right' }
  const limitWords = `grpc: received message larger than max (${large.length} vs. 200)`
  expect(await send(large, right)).toEqual(failure(grpcStatus.RESOURCE_EXHAUSTED, limitWords))
  expect(await post(large, right)).toMatchObject({ status: 413 })
  expect(await send(sample(1), { authorization: 'Bearer wrong' })).toEqual(failure(grpcStatus.UNAUTHENTICATED))
  expect(await post(sample(1))).toMatchObject({ status: 401 })
  const poisoned = (pod: string) => gauges([['m', { timeMs: 1, value: 1, labels: { namespace: 'n', pod } }]])
  expect(await send(poisoned('bad'), right)).toEqual(failure(grpcStatus.INVALID_ARGUMENT))
  expect(await post(poisoned('bad'), right)).toMatchObject({ status: 400 })
  expect(receiver.liveSet.size).toBe(0)
  expect(await send(poisoned('good'), right)).toEqual(success)
})

test('a script sees index, transport, size and content, and can be replaced', async () => {
  const seen: unknown[] = []
  const { receiver, send, post } = await openReceiver({
    faults: ({ index, transport, bytes, decoded }) => {
      seen.push([index, transport, bytes.length, decoded[0]?.scopes[0]?.metrics[0]?.name])
      return refuseWith(grpcStatus.ABORTED)
    },
  })
  await send(sample(1))
  await post(sample(2))
  receiver.setFaults(undefined)
  expect(await send(sample(3))).toEqual(success)
  expect(seen).toEqual([
    [0, 'grpc', sample(1).length, 'm'],
    [1, 'http', sample(2).length, 'm'],
  ])
})
