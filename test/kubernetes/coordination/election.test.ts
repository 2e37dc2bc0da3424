/** The state machine of the election: its table, its next steps, and a model of replicas that crash, freeze and lose the server. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Election, LeaseState, Occurrence, Role } from '../../../src/kubernetes/coordination/election.ts'
import { advance, beginElection, nextStep } from '../../../src/kubernetes/coordination/election.ts'
import { createReplicas } from './replicas.ts'

const rules = { identity: 'me', retryMs: 2000, denialMs: 10_000, deniedRetryMs: 60_000 }
const leaseOf = (holder: string, renewal = '1'): LeaseState => ({ holder, renewal, durationMs: 15_000 })
const seen = (lease: LeaseState | undefined, atMs = 0): Occurrence => ({ kind: 'seen', lease, atMs })
const won = (atMs = 0, renewal = '1'): Occurrence => ({
  kind: 'won',
  lease: leaseOf('me', renewal),
  startedAtMs: atMs,
  atMs,
})

function denied(atMs: number): Occurrence {
  return { kind: 'denied', atMs }
}

/** The state after these occurrences. */
function stateAfter(...occurrences: Occurrence[]): Election {
  return occurrences.reduce((election, occurrence) => advance(election, occurrence, rules), beginElection())
}

const ways: Readonly<Record<Role, Occurrence[]>> = {
  starting: [denied(0)],
  standby: [seen(leaseOf('other'))],
  leading: [won()],
  fenced: [won(), { kind: 'late' }],
  unelected: [denied(0), denied(10_000)],
  stopped: [{ kind: 'stopped' }],
}
const events: Readonly<Record<string, Occurrence>> = {
  won: won(),
  held: seen(leaseOf('other', '2')),
  free: seen(leaseOf('', '2')),
  gone: seen(undefined),
  ours: seen(leaseOf('me', '2')),
  conflict: { kind: 'conflict', atMs: 0 },
  failed: { kind: 'failed', atMs: 0 },
  denied: denied(20_000),
  late: { kind: 'late' },
  stopped: { kind: 'stopped' },
}

describe('the role', () => {
  const unchanged = (role: Role) => Object.fromEntries(Object.keys(events).map((event) => [event, role]))
  test.each([
    ['starting', { won: 'leading', held: 'standby', denied: 'unelected', stopped: 'stopped' }],
    ['standby', { won: 'leading', stopped: 'stopped' }],
    ['leading', { held: 'standby', late: 'fenced', stopped: 'stopped' }],
    ['fenced', { won: 'leading', held: 'standby', stopped: 'stopped' }],
    ['unelected', { won: 'leading', held: 'standby', stopped: 'stopped' }],
    ['stopped', {}],
  ] as [Role, Record<string, Role>][])('%s becomes %j and nothing else', (role, expected) => {
    const from = stateAfter(...ways[role])
    expect(from.role).toBe(role)
    const become = Object.entries(events).map(([name, event]) => [name, advance(from, event, rules).role])
    expect(Object.fromEntries(become)).toEqual({ ...unchanged(role), ...expected })
  })
})

test('a denial at the start that passes makes nobody a writer', () => {
  const states = [denied(0), denied(9999), seen(leaseOf('other'), 10_000), denied(25_000)]
  for (let count = 1; count <= states.length; count++) {
    expect(['starting', 'standby']).toContain(stateAfter(...states.slice(0, count)).role)
  }
  expect(stateAfter(denied(0), seen(undefined, 5000), denied(12_000)).role).toBe('starting')
})

describe('the next step', () => {
  test.each([
    ['nothing is known', [], { action: 'read', atMs: Number.NEGATIVE_INFINITY }],
    ['there is no Lease', [seen(undefined)], { action: 'write', atMs: Number.NEGATIVE_INFINITY }],
    ['nobody holds it', [seen(leaseOf(''))], { action: 'write', atMs: Number.NEGATIVE_INFINITY }],
    ['a former process of ours holds it', [seen(leaseOf('me'))], { action: 'write', atMs: Number.NEGATIVE_INFINITY }],
    ['another holds it', [seen(leaseOf('other'), 100)], { action: 'write', atMs: 15_100 }],
    [
      'it was renewed',
      [seen(leaseOf('other'), 0), seen(leaseOf('other', '2'), 2000)],
      { action: 'write', atMs: 17_000 },
    ],
    [
      'it was seen again as it is',
      [seen(leaseOf('other'), 0), seen(leaseOf('other'), 9000)],
      { action: 'write', atMs: 15_000 },
    ],
    ['it was deleted', [seen(leaseOf('other'), 100), seen(undefined, 9000)], { action: 'write', atMs: 15_100 }],
    [
      'it was deleted after its release',
      [seen(leaseOf('other')), seen(leaseOf('', '2'), 9000), seen(undefined, 9100)],
      { action: 'write', atMs: Number.NEGATIVE_INFINITY },
    ],
    [
      'it was deleted, and then created by nobody',
      [seen(leaseOf('other')), seen(undefined, 9000), seen(leaseOf('', '2'), 9100)],
      { action: 'write', atMs: Number.NEGATIVE_INFINITY },
    ],
    ['ours was deleted', [won(500), seen(undefined, 9000)], { action: 'write', atMs: 2500 }],
    [
      'it was released',
      [seen(leaseOf('other')), seen(leaseOf('', '2'), 9000)],
      { action: 'write', atMs: Number.NEGATIVE_INFINITY },
    ],
    ['we hold it', [won(500)], { action: 'write', atMs: 2500 }],
    ['a renewal failed', [won(500), { kind: 'failed', atMs: 4000 }], { action: 'write', atMs: 6000 }],
    ['somebody was faster', [seen(leaseOf('')), { kind: 'conflict', atMs: 40 }], { action: 'read', atMs: 40 }],
    ['a failure', [{ kind: 'failed', atMs: 10 }], { action: 'read', atMs: 2010 }],
    [
      'a takeover failed',
      [seen(leaseOf('other')), { kind: 'failed', atMs: 15_000 }],
      { action: 'write', atMs: 17_000 },
    ],
    ['Leases are forbidden at the start', [denied(10)], { action: 'read', atMs: 2010 }],
    ['they are forbidden for long', [denied(10), denied(5000), denied(10_010)], { action: 'read', atMs: 70_010 }],
    ['the right was taken from a standby', [seen(leaseOf('other')), denied(10)], { action: 'read', atMs: 2010 }],
    ['the deadline has passed', [won(500), { kind: 'late' }], { action: 'write', atMs: 500 }],
    ['it is over', [won(), { kind: 'stopped' }], { action: 'none', atMs: Number.POSITIVE_INFINITY }],
  ] as [string, Occurrence[], object][])('when %s', (_name, occurrences, expected) => {
    expect(nextStep(stateAfter(...occurrences), rules)).toEqual(expected)
  })

  test('a standby waits for a holder with a longer lease duration than its own', () => {
    const slow = { holder: 'other', renewal: '1', durationMs: 60_000 }
    expect(nextStep(stateAfter(seen(slow, 5)), rules)).toEqual({ action: 'write', atMs: 60_005 })
  })
})

const fault = fc.record({
  replica: fc.nat(2),
  kind: fc.constantFrom('crash', 'freeze', 'suspend', 'partition', 'release'),
  atMs: fc.nat(120_000),
  lastsMs: fc.integer({ min: 1, max: 60_000 }),
})
const history = fc.record({
  seed: fc.nat(),
  faults: fc.array(fault, { maxLength: 12 }),
})

describe('three replicas with crashes, freezes, suspends and network partitions', () => {
  test('never write at the same time, and one writes again soon', () => {
    const property = fc.property(history, ({ seed, faults }) => {
      const replicas = createReplicas({ count: 3, seed, faults })
      replicas.runUntil(300_000)
      expect(replicas.overlaps).toEqual([])
      // All faults are over by 180 s: a lease duration and two attempts later one replica leads, and stays the leader.
      expect(replicas.writersAt(240_000)).toHaveLength(1)
      expect(replicas.writersAt(240_000)).toEqual(replicas.writersAt(299_000))
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('nor when somebody deletes the Lease of a leader that is cut off', () => {
    for (let seed = 0; seed < 100; seed++) {
      const atMs = 30_000 + seed * 37
      const faults = [0, 1, 2].map(
        (replica) => ({ replica, kind: 'delete', atMs, lastsMs: 60_000, leaderOnly: true }) as const,
      )
      const replicas = createReplicas({ count: 3, seed, faults })
      replicas.runUntil(100_000)
      expect(replicas.overlaps).toEqual([])
      expect(replicas.writersAt(atMs + 17_000)).toHaveLength(1)
    }
  })

  test('after a kill the next one writes within lease duration and two seconds, after a release within one', () => {
    for (let seed = 0; seed < 100; seed++) {
      for (const [kind, withinMs] of [
        ['crash', 17_000],
        ['release', 1000],
      ] as const) {
        const atMs = 30_000 + seed * 37
        const faults = [0, 1, 2].map((replica) => ({ replica, kind, atMs, lastsMs: 60_000, leaderOnly: true }))
        const replicas = createReplicas({ count: 3, seed, faults })
        replicas.runUntil(100_000)
        expect(replicas.overlaps).toEqual([])
        expect(replicas.writersAt(atMs + withinMs)).toHaveLength(1)
      }
    }
  })
})
