/** How an elector stops: the Lease is released, and nothing waits for long. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { always, failWith, requestsFor } from '../../../simulator/api/api-faults.ts'
import { join, specOf, start, untilRole, waitFor } from './electors.ts'

test('a replica that is stopped while it takes the Lease releases it', async () => {
  const server = await start()
  let isTaken = false
  // The server accepts it, and the answer is lost.
  server.setFaults(({ verb, body }) => {
    if (verb !== 'create') return undefined
    isTaken = true
    server.objects.create('leases', body as { metadata: { namespace: string; name: string } })
    return { response: 'silence' }
  })
  const a = join(server, 'pod-a')
  await waitFor(() => expect(isTaken).toBe(true))
  const stopped = a.stop()
  a.clock.advance(1000)
  await stopped
  expect(specOf(server)).toMatchObject({ holderIdentity: '' })
})

test('a Lease that the server grants only after the replica was stopped is released too', async () => {
  const server = await start()
  const arrived = Promise.withResolvers<void>()
  const granted = Promise.withResolvers<void>()
  server.setFaults(({ verb, body }) => {
    if (verb !== 'create') return undefined
    const lease = body as { metadata: { namespace: string; name: string } }
    void granted.promise.then(() => server.objects.create('leases', lease))
    arrived.resolve()
    return { until: granted.promise, response: { code: 201, body } }
  })
  const a = join(server, 'pod-a')
  await arrived.promise
  const stopped = a.stop()
  // Time for requests that must not be sent yet.
  await sleep(100)
  granted.resolve()
  await stopped
  expect(specOf(server)).toMatchObject({ holderIdentity: '' })
  expect(a.roles).toEqual(['stopped'])
})

test('a replica whose claim is refused while it stops has nothing to release', async () => {
  const server = await start()
  const arrived = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  server.setFaults(({ verb }) => {
    if (verb !== 'create') return undefined
    arrived.resolve()
    return { until: answered.promise, ...failWith(500) }
  })
  const a = join(server, 'pod-a')
  await arrived.promise
  const stopped = a.stop()
  const before = server.requests.length
  answered.resolve()
  await stopped
  expect(server.requests.length).toBe(before)
  expect(a.records).toEqual([])
})

test('stopping is quick even if the server does not respond', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  server.setFaults(always(requestsFor('leases'), { response: 'silence' }))
  const stopped = a.stop()
  expect(a.mayWrite()).toBe(true)
  await untilRole(a, 'stopped')
  await waitFor(() => a.clock.advance(2000))
  await stopped
  expect(a.mayWrite()).toBe(false)
  expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-a' })
})
