/** Electors with a simulated API server: who leads, takes over and may write. */
import { describe, expect, test } from 'vitest'
import { always, failWith, inTurn, requestsFor, withoutRight } from '../../../simulator/api/api-faults.ts'
import {
  authority,
  join,
  leaseOf,
  name,
  renew,
  specOf,
  start,
  tls,
  untilKnown,
  untilRole,
  waitFor,
} from './electors.ts'

describe.each([
  ['HTTP/1.1', {}],
  ['HTTP/2', { tls, authority: authority.cert }],
] as const)('over %s', (version, options) => {
  test('the first creates the Lease and renews it; its annotations go with each renewal', async () => {
    const server = await start(options)
    const a = join(server, 'pod-a')
    a.publish({ 'example/revision': '1' })
    await untilRole(a, 'leading')
    expect(a.roles).toEqual([['leading', undefined]])
    expect(a.mayWrite()).toBe(true)
    expect(specOf(server)).toMatchObject({
      holderIdentity: 'pod-a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: '2023-11-14T22:13:20.000000Z',
      renewTime: '2023-11-14T22:13:20.000000Z',
    })
    a.publish({ 'example/revision': '2' })
    await renew(server, a)
    expect(leaseOf(server)?.metadata.annotations).toEqual({ 'example/revision': '2' })
    expect(specOf(server)).toMatchObject({ acquireTime: '2023-11-14T22:13:20.000000Z', leaseTransitions: 0 })
    expect(specOf(server)?.renewTime).not.toBe('2023-11-14T22:13:20.000000Z')
    expect(server.requests[0]?.httpVersion).toBe(version === 'HTTP/2' ? '2.0' : '1.1')
  })

  test('a standby takes over as soon as the Lease is released, and reads its annotations', async () => {
    const server = await start(options)
    const a = join(server, 'pod-a')
    await untilRole(a, 'leading')
    const b = join(server, 'pod-b')
    await untilRole(b, 'standby')
    expect([b.lease()?.holder, b.mayWrite()]).toEqual(['pod-a', false])
    await waitFor(() => expect(server.watches().length).toBe(2))
    a.publish({ 'example/last': 'words' })
    await a.stop()
    expect([a.role(), a.mayWrite()]).toEqual(['stopped', false])
    await untilRole(b, 'leading')
    const words = { 'example/last': 'words', 'example/is-last': 'true' }
    expect(b.roles).toEqual(['standby', ['leading', words]])
    expect(b.heard).toContainEqual(['standby', '', words])
    expect(b.heard.filter(([role]) => role !== 'standby')).toEqual([])
    expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-b', leaseTransitions: 1, leaseDurationSeconds: 15 })
  })
})

test('what a former leader has published is not for a process that finds its Lease released', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  await a.stop()
  const b = join(server, 'pod-b')
  await untilRole(b, 'leading')
  expect(b.heard).toEqual([])
})

test('a standby sends no requests while the leader renews, and takes over when the renewals end', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  const b = join(server, 'pod-b')
  await untilRole(b, 'standby')
  await waitFor(() => expect(server.watches().length).toBe(2))
  for (let i = 0; i < 3; i++) {
    await renew(server, a)
    await untilKnown(server, b)
    b.clock.advance(14_999)
  }
  await renew(server, a)
  await untilKnown(server, b)
  a.crash()
  b.clock.advance(14_999)
  expect(b.role()).toBe('standby')
  b.clock.advance(1)
  await untilRole(b, 'leading')
  const asked = server.requests.filter(({ user, verb }) => user === 'pod-b' && verb !== 'watch')
  expect(asked.map(({ verb }) => verb)).toEqual(['get', 'update'])
  expect(b.roles.at(-1)).toEqual(['leading', {}])
  expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-b', leaseTransitions: 1 })
})

test('an annotation that somebody writes is no renewal: the Lease of a dead leader expires all the same', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  const b = join(server, 'pod-b')
  await untilRole(b, 'standby')
  await untilKnown(server, b)
  a.crash()
  b.clock.advance(14_000)
  const lease = leaseOf(server)
  if (lease === undefined) throw new Error('no Lease')
  server.objects.update('leases', { ...lease, metadata: { ...lease.metadata, annotations: { note: 'x' } } })
  await untilKnown(server, b)
  b.clock.advance(1000)
  await untilRole(b, 'leading')
  expect(leaseOf(server)?.metadata.annotations).toEqual({ note: 'x' })
})

test('a restarted container takes its own Lease back at once', async () => {
  const server = await start()
  const before = join(server, 'pod-a')
  await untilRole(before, 'leading')
  before.crash()
  const after = join(server, 'pod-a')
  await untilRole(after, 'leading')
  expect(after.clock.now()).toBe(0)
  expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-a', leaseTransitions: 0 })
})

test('a leader that resumes after the deadline may not write, even before any timer has fired', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  server.setFaults(always(requestsFor('leases'), { response: 'silence' }))
  a.clock.advance(9999)
  expect(a.mayWrite()).toBe(true)
  a.clock.advance(1)
  expect(a.mayWrite()).toBe(false)
  expect(a.role()).toBe('fenced')
  server.setFaults(undefined)
  await waitFor(() => {
    a.clock.advance(1000)
    expect(a.role()).toBe('leading')
  })
  expect(a.mayWrite()).toBe(true)
  expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-a', leaseTransitions: 0 })
})

test('a renewal that fails is logged and retried after the retry period', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  server.setFaults(inTurn(requestsFor('leases', 'update'), failWith(500)))
  await renew(server, a)
  expect(a.roles).toEqual([['leading', undefined]])
  expect(a.records.map(({ level }) => level)).toEqual(['warn', 'info'])
})

test('a leader that is disconnected while another takes over becomes a standby', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  const b = join(server, 'pod-b')
  await untilRole(b, 'standby')
  await waitFor(() => {
    b.clock.advance(1000)
    expect(b.role()).toBe('leading')
  })
  await untilRole(a, 'standby')
  await untilKnown(server, a)
  expect([a.mayWrite(), a.lease()?.holder]).toEqual([false, 'pod-b'])
})

test('of two replicas that take the Lease at the same time only one succeeds', async () => {
  const server = await start()
  const electors = ['pod-a', 'pod-b', 'pod-c', 'pod-d'].map((identity) => join(server, identity))
  await waitFor(() =>
    expect(electors.map(({ role }) => role()).sort()).toEqual(['leading', 'standby', 'standby', 'standby']),
  )
  expect(electors.filter(({ mayWrite }) => mayWrite())).toHaveLength(1)
})

test('a Lease that is deleted is created again, and what others wrote into it is kept', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  const lease = leaseOf(server)
  if (lease === undefined) throw new Error('no Lease')
  const metadata = { ...lease.metadata, labels: { team: 'x' }, annotations: { note: 'of another' } }
  server.objects.update('leases', { ...lease, metadata })
  a.publish({ 'example/a': '1' })
  await waitFor(() => {
    a.clock.advance(500)
    expect(leaseOf(server)?.metadata.annotations).toEqual({ note: 'of another', 'example/a': '1' })
  })
  expect(leaseOf(server)?.metadata.labels).toEqual({ team: 'x' })
  server.objects.delete('leases', name)
  await waitFor(() => {
    a.clock.advance(500)
    expect(specOf(server)).toMatchObject({ holderIdentity: 'pod-a' })
  })
  expect(a.roles).toEqual([['leading', undefined]])
})

test('the Lease of a leader that is cut off is deleted: a standby waits as if it were not, and knows what it said', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  a.publish({ 'example/last': 'words' })
  await untilRole(a, 'leading')
  const b = join(server, 'pod-b')
  await untilRole(b, 'standby')
  await untilKnown(server, b)
  await waitFor(() => expect(server.watches().length).toBe(2))
  a.crash()
  b.clock.advance(5000)
  server.objects.delete('leases', name)
  await waitFor(() => expect(b.lease()).toBeUndefined())
  b.clock.advance(9999)
  expect(b.role()).toBe('standby')
  b.clock.advance(1)
  await untilRole(b, 'leading')
  expect(b.roles.at(-1)).toEqual(['leading', { 'example/last': 'words' }])
  const asked = server.requests.filter(({ user, verb }) => user === 'pod-b' && verb !== 'watch')
  expect(asked.map(({ verb }) => verb)).toEqual(['get', 'create'])
})

test('without permission for Leases it is the only writer, with one warning; permission that is granted later is used', async () => {
  const server = await start({ faults: withoutRight(requestsFor('leases')) })
  const a = join(server, 'pod-a')
  await waitFor(() => expect(server.requests.length).toBeGreaterThan(0))
  expect(a.mayWrite()).toBe(false)
  await waitFor(() => {
    a.clock.advance(2000)
    expect(a.role()).toBe('unelected')
  })
  expect(a.clock.now()).toBeGreaterThanOrEqual(10_000)
  expect(a.mayWrite()).toBe(true)
  for (let i = 0; i < 5; i++) {
    const before = server.requests.length
    await waitFor(() => {
      a.clock.advance(20_000)
      expect(server.requests.length).toBeGreaterThan(before)
    })
  }
  expect(a.records).toMatchObject([{ level: 'warn', message: expect.stringMatching(/rbac --leader-election/) }])
  server.setFaults(undefined)
  await waitFor(() => {
    a.clock.advance(5000)
    expect(a.roles.flat()).toContain('leading')
  })
})

test('an API server that starts, and denies everything for a moment, makes no second writer of a replica that starts', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  server.setFaults(withoutRight(requestsFor('leases')))
  const b = join(server, 'pod-b')
  const before = server.requests.length
  await waitFor(() => {
    b.clock.advance(1000)
    expect(server.requests.length).toBeGreaterThan(before + 2)
  })
  server.setFaults(undefined)
  await waitFor(() => {
    b.clock.advance(500)
    expect(b.role()).toBe('standby')
  })
  expect([b.roles, b.records]).toEqual([['standby'], []])
})

test('a standby that loses its permission does not become a writer', async () => {
  const server = await start()
  const a = join(server, 'pod-a')
  await untilRole(a, 'leading')
  const b = join(server, 'pod-b')
  await untilRole(b, 'standby')
  server.setFaults(withoutRight(requestsFor('leases')))
  const before = server.requests.length
  await waitFor(() => {
    b.clock.advance(5000)
    expect(server.requests.length).toBeGreaterThan(before + 2)
  })
  expect([b.role(), b.mayWrite()]).toEqual(['standby', false])
})
