/** A leader and a standby read the same changes at different times, in random orders: nothing is lost at a takeover. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnyResource } from '../../src/families/family.ts'
import { createArrivals } from '../../src/runtime/arrivals.ts'
import { encodeProgress, parseProgress } from '../../src/runtime/delivery-progress.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import { Feed } from '../../src/runtime/feed.ts'
import { createHandoverSource } from '../../src/runtime/progress-publishing.ts'
import { createStandbyProgress } from '../../src/runtime/standby-progress.ts'
import type { ResourcePlan } from '../../src/selection/plan.ts'
import type { Batch } from '../../src/store/batch.ts'
import type { LedgerMode } from '../../src/store/ledger.ts'
import { createThing, resources } from '../store/universe.ts'
import { createFakeClock } from '../time/fake-clock.ts'

const [pods] = resources as [AnyResource]
const plan: ResourcePlan = { resource: pods, families: pods.families, labelKeys: undefined, annotationKeys: undefined }
const namespaces = ['a', 'b'] as const
const objects = ['a/x', 'a/y', 'a/z', 'b/x', 'b/y'] as const
const due = { markers: true, changes: true, refreshBefore: Number.NEGATIVE_INFINITY, refreshRows: 0 }

interface Change {
  readonly name: string
  readonly revision: number
  readonly isDeleted: boolean
}

type Clock = ReturnType<typeof createFakeClock>
type Cluster = ReturnType<typeof createCluster>

function createCluster() {
  const changes: Change[] = []
  return {
    changes,
    now: () => changes.length,
    change(name: string, isDeleted: boolean) {
      changes.push({ name, revision: changes.length + 1, isDeleted })
    },
    /** The last change of each object of the namespace. */
    state: (namespace: string) =>
      [...new Map(changes.filter(isIn(namespace)).map((change) => [change.name, change])).values()].filter(
        ({ isDeleted }) => !isDeleted,
      ),
  }
}

const isIn =
  (namespace: string) =>
  ({ name }: Change) =>
    name.startsWith(`${namespace}/`)

const thingOf = ({ name, revision }: Change) => {
  const thing = createThing(name, `uid of ${name}`, 1 + revision * 7)
  return { ...thing, metadata: { ...thing.metadata, resourceVersion: String(revision) } }
}

/** One process, with a reader for each namespace. */
function createProcess(cluster: Cluster, clock: Clock, mode: LedgerMode) {
  const deferred: (() => void)[] = []
  const fail = () => expect.fail('nothing is wrong with these objects')
  const engine = createEngine({
    ...{ now: clock.now, onFamilyError: fail, onDuplicates: () => {} },
    revisionOf: (resource) => reading.revisionOf(resource),
    defer: (step) => void deferred.push(step),
  })
  const ledger = engine.openLedger({ maxSeries: 1000, maxAgeMs: 300_000 })
  ledger.setMode(mode)
  engine.apply([plan])
  const arrivals = createArrivals({ clock, isStandby: () => ledger.mode === 'standby' })
  /** The last change of each object that the ledger was given. */
  const seen = new Map<string, Change>()
  const scopes = namespaces.map((namespace) => {
    const settle = () => void (scopes.every(({ feed }) => feed.isListed) && engine.markSynced(0))
    const options = { engine, resource: 0, handsOver: false, owns: () => true, onSettled: settle }
    const feed = new Feed({ ...options, history: arrivals.of(0, namespace) }, namespace)
    return { namespace, feed, readTo: 0, listedAt: 0 }
  })
  const reading = {
    revisionOf(_resource: number, namespace?: string) {
      const read = scopes.filter((scope) => namespace === undefined || scope.namespace === namespace)
      return Math.min(...read.map(({ feed, readTo }) => Number(feed.revision(String(readTo)))))
    },
    scopesOf: () => scopes.map(({ namespace }) => ({ namespace }) as never),
  }
  const put = (feed: Feed, change: Change) => {
    feed.upserted(thingOf(change))
    if ((seen.get(change.name)?.revision ?? 0) < change.revision) seen.set(change.name, change)
  }
  return {
    ...{ engine, ledger, arrivals, reading, seen, scopes },
    /** A list of the present; `isBroken`: only some of its objects arrive. */
    list(index: number, order: number, isBroken: boolean) {
      const scope = scopes[index % scopes.length] as (typeof scopes)[number]
      const { feed, namespace } = scope
      const state = cluster.state(namespace)
      const turned = [...state.slice(order % 3), ...state.slice(0, order % 3)]
      feed.listBegan(scope.readTo === 0 ? '' : String(scope.readTo))
      for (const change of isBroken ? turned.slice(0, 1) : turned) put(feed, change)
      if (isBroken) return
      feed.listEnded(String(cluster.now()))
      const listed = new Set(state.map(({ name }) => name))
      for (const [name, { isDeleted }] of seen)
        if (isIn(namespace)({ name, revision: 0, isDeleted }) && !listed.has(name) && !isDeleted)
          seen.set(name, cluster.changes.findLast((change) => change.name === name) as Change)
      scope.readTo = cluster.now()
      scope.listedAt = cluster.now()
    },
    /** The next event of a namespace, or a bookmark. */
    watch(index: number) {
      const scope = scopes[index % scopes.length] as (typeof scopes)[number]
      if (!scope.feed.isListed) return
      const next = cluster.changes.slice(scope.readTo).find(isIn(scope.namespace))
      if (next === undefined) scope.readTo = cluster.now()
      else {
        if (!next.isDeleted) put(scope.feed, next)
        else {
          scope.feed.deleted(thingOf(next))
          seen.set(next.name, next)
        }
        scope.readTo = next.revision
      }
    },
    runDeferred: () => deferred.shift()?.(),
    finishDeferred() {
      for (let step = deferred.shift(); step !== undefined; step = deferred.shift()) step()
    },
    destination: { name: 'd', ledger, lastTimestampMs: () => 1 },
  }
}

type Process = ReturnType<typeof createProcess>

/** The leader's requests, at most one at a time, and what the receiver has by them: the last change of each object. */
function createReceiver({ ledger, seen }: Process, clock: Clock) {
  const delivered = new Map<string, Change>()
  let sent: { batch: Batch; content: ReadonlyMap<string, Change> } | undefined
  return {
    delivered,
    send(most: number) {
      if (sent !== undefined) return
      let room = most
      const taken = ledger.take(due, () => room-- > 0)
      if (taken === undefined) return
      const names = taken.batch.names().map(({ group }) => group)
      sent = { batch: taken.batch, content: new Map(names.map((name) => [name, seen.get(name) as Change])) }
    },
    answer(isAccepted: boolean) {
      if (isAccepted) for (const [name, change] of sent?.content ?? []) delivered.set(name, change)
      if (isAccepted) sent?.batch.acknowledge(clock.now())
      else sent?.batch.release()
      sent = undefined
    },
  }
}

function run(steps: readonly (readonly [number, number, number])[], end: 'release' | 'crash' | 'release undelivered') {
  const clock = createFakeClock()
  const cluster = createCluster()
  const leader = createProcess(cluster, clock, 'leading')
  const standby = createProcess(cluster, clock, 'standby')
  const receiver = createReceiver(leader, clock)
  const sources = { engine: leader.engine, reading: leader.reading, fingerprint: () => 'f', clock }
  const publish = createHandoverSource(sources)
  const push = { cluster: () => 'c', destinations: () => [leader.destination] }
  const published: string[] = []
  const write = (isLast: boolean) => {
    const { progress } = publish(push, isLast)
    if (progress !== undefined) published.push(encodeProgress(progress) as string)
  }
  const known = createStandbyProgress({ ...standby, fingerprint: () => 'f', clock })
  const read = () => {
    const progress = parseProgress(published.shift())
    if (progress !== undefined) known.leaderPublished(progress, [standby.destination])
  }
  const actions: ((pick: number, more: number) => unknown)[] = [
    (pick, more) => cluster.change(objects[pick % objects.length] as string, more % 3 === 0),
    (pick, more) => cluster.change(objects[pick % objects.length] as string, more % 3 === 0),
    (pick) => leader.watch(pick),
    (pick) => leader.watch(pick),
    (pick) => standby.watch(pick),
    (pick) => standby.watch(pick),
    (pick, more) => (more % 4 > 1 ? leader : standby).list(pick, pick, more % 4 === 1),
    (pick) => (pick % 2 === 0 ? leader : standby).runDeferred(),
    (pick) => receiver.send(pick % 4 === 0 ? 1 : 100),
    (pick) => receiver.answer(pick % 4 > 0),
    () => write(false),
    () => read(),
    (pick) => clock.advance(pick % 4 === 0 ? 6000 : (pick % 8) / 4),
  ]
  for (const [action, pick, more] of steps) actions[action % actions.length]?.(pick, more)
  leader.finishDeferred()
  if (end !== 'crash') {
    receiver.answer(end === 'release')
    if (end === 'release') {
      receiver.send(1000)
      receiver.answer(true)
    }
    write(true)
  }
  while (published.length > 0) read()
  standby.finishDeferred()
  standby.ledger.setMode('leading')
  const names = standby.ledger.take(due, () => true)?.batch.names() ?? []
  return { leader, standby, delivered: receiver.delivered, sent: new Set(names.map(({ group }) => group)) }
}

/** Both have listed what there is, and the leader has delivered it. */
const beginning = [
  ...[0, 1, 2, 3, 4].map((pick) => [0, pick, 1] as const),
  ...[0, 1].flatMap((pick) => [[6, pick, 2] as const, [6, pick, 0] as const]),
  ...[0, 1, 0, 1].map((pick) => [7, pick, 0] as const),
  ...[8, 9, 10, 11].map((action) => [action, 1, 0] as const),
]

const script = fc.array(fc.tuple(fc.nat(12), fc.nat(7), fc.nat(11)), { minLength: 10, maxLength: 80 })

test('whatever the leader has not delivered is sent at the takeover', () => {
  const end = fc.constantFrom('release' as const, 'crash' as const, 'release undelivered' as const)
  const property = fc.property(script, end, fc.boolean(), (steps, how, isBegun) => {
    const { leader, standby, delivered, sent } = run(isBegun ? [...beginning, ...steps] : steps, how)
    if (!standby.scopes.every(({ feed }) => feed.isListed)) return
    for (const [name, change] of standby.seen) {
      const atReceiver = delivered.get(name)
      const atLeader = leader.seen.get(name)
      const isSucceeded = (atLeader?.revision ?? 0) > change.revision && atLeader?.isDeleted !== change.isDeleted
      // It lives no more, or again: the standby sends that as soon as it comes to it, and what was before is of no use.
      if (isSucceeded) continue
      const isMissing = change.isDeleted
        ? atReceiver?.isDeleted === false && atReceiver.revision < change.revision
        : (atReceiver?.revision ?? 0) < change.revision
      if (isMissing) assert.ok(sent.has(name), `${name} at ${change.revision}, receiver at ${atReceiver?.revision}`)
    }
  })
  fc.assert(property, { numRuns: 3000 })
})

test('what ended, lived and ended again at the leader is ended by a standby that has come to the first end', () => {
  const steps: [number, number, number][] = [
    ...[4, 0, 4, 0].map((more, i): [number, number, number] => [0, i === 0 ? 4 : 3, more]),
    ...[1, 1].map((pick): [number, number, number] => [2, pick, 0]),
    ...[
      [0, 0, 4],
      [4, 3, 0],
      [2, 0, 0],
      [2, 3, 0],
      [2, 1, 0],
      [4, 1, 0],
    ].map((step) => step as [number, number, number]),
  ]
  const { standby, sent } = run([...beginning, ...steps], 'release undelivered')
  expect(standby.seen.get('b/x')).toMatchObject({ revision: 7, isDeleted: true })
  expect([...sent]).toContain('b/x')
})

test('after a release by a leader that has delivered everything, nothing else is sent', () => {
  let takeovers = 0
  const property = fc.property(script, (steps) => {
    const events = steps.filter(([action]) => action % 13 !== 6)
    // Every event comes at a time of its own.
    const spread = [...beginning, ...events].flatMap((step) => [step, [12, 7, 0] as const])
    const { leader, standby, sent } = run(spread, 'release')
    takeovers++
    for (const name of sent) {
      const scope = namespaces.findIndex((namespace) => name.startsWith(`${namespace}/`))
      const readTo = leader.scopes[scope]?.readTo ?? 0
      assert.ok((standby.seen.get(name)?.revision ?? 0) > readTo, `${name}: the leader has come to ${readTo}`)
    }
  })
  fc.assert(property, { numRuns: 500 })
  expect(takeovers).toBe(500)
})
