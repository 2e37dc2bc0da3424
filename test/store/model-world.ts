/**
 * Owns a world in which the real store, its model and a receiver live side by side: each step does the same to all
 * and compares. Refuses randomness: a script of whole numbers says what happens, so that a failure can be replayed.
 */
import assert from 'node:assert/strict'
import { createOtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import { RowCursor } from '../../src/rows/block.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import type { Accept, Claim } from '../../src/store/claim.ts'
import type { Delivery } from '../../src/store/delivery.ts'
import type { Departures } from '../../src/store/departures.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import { createStore } from '../../src/store/store.ts'
import type { ClaimRequest } from '../../src/store/take-due.ts'
import { createLineReader } from './block-lines.ts'
import type { ModelEntry, ModelObject } from './model.ts'
import { isDeparture, Model } from './model.ts'
import { samplesOf } from './otlp-samples.ts'
import type { Sample, SentRequest } from './receiver.ts'
import { Receiver } from './receiver.ts'
import { clusterNames, contents, createThing, linesOf, namespacedNames, resources, uids } from './universe.ts'

export interface WorldOptions {
  readonly maxDeparted: number
  readonly departedMaxAgeMs: number
  /** Requests are encoded as OTLP and decoded again; slower. */
  readonly throughOtlp: boolean
}

/** What one claim has taken so far. */
interface Taken {
  /** Infinite for what was readmitted. */
  readonly refreshBefore: number
  /** It takes what was set aside before. */
  readonly readmitted: boolean
  /** Names of which it holds departures and no object. */
  readonly departing: Set<string>
  readonly departures: Set<Model['departures'][number]>
}

interface UnderWay {
  readonly claim: Claim
  readonly entries: ModelEntry[]
  request: SentRequest
}

interface Offered {
  readonly departed: boolean
  readonly samples: Sample[]
}

type ClaimedName = ReturnType<Claim['names']>[number]

interface Relist {
  readonly resource: number
  readonly namespace: string | undefined
  readonly epoch: number
  /** Put since it began. */
  readonly seen: Set<ModelObject>
}

const plan = createPlan(resources, {
  resources: undefined,
  metricAllowlist: [],
  metricDenylist: [],
  metricOptInList: [],
  labelsAllowList: new Map(),
  annotationsAllowList: new Map(),
})
const registry = createRegistry()
const writers = registry.apply(plan).added.map((layout) =>
  createBlockWriter(layout, (_family, _object, error) => {
    throw error
  }),
)
const readLines = createLineReader(registry, new RowCursor(registry.shared))

type Step = (pick: (count: number) => number) => string

export function createWorld(options: WorldOptions) {
  let now = 1_000
  let wall = 1_700_000_000_000
  let lastTimestamp = 0
  const { maxDeparted, departedMaxAgeMs, throughOtlp } = options
  const store = createStore({ registry, now: () => now, push: { maxDeparted, departedMaxAgeMs } })
  const delivery = store.delivery as Delivery
  const departures = store.departures as Departures
  const model = new Model(options)
  const receiver = new Receiver()
  const encoder = createOtlpEncoder({
    ...{ registry, maxBytes: 64 * 1024 },
    ...{ resourceAttributes: [['service.name', 'x']], constantLabels: [] },
  })
  const underWay: UnderWay[] = []
  const relists: Relist[] = []

  const nextTimestamp = () => {
    lastTimestamp = Math.max(wall, lastTimestamp + 1)
    return lastTimestamp
  }

  /** Collects what is offered until `room` blocks are in. */
  const collect = (room: number) => {
    const offered: Offered[] = []
    let refused = false
    const accept: Accept = (bytes, at, departed) => {
      if (offered.length >= room) {
        refused = true
        return false
      }
      if (throughOtlp) assert.ok(encoder.add(bytes, at, departed))
      const lines = readLines(bytes, at, { duplicates: false })
      const samples = lines.map(([series, value]) => ({ series, value: departed ? undefined : value }))
      offered.push({ departed, samples })
      return true
    }
    return { offered, accept, wasRefused: () => refused }
  }
  const toRequest = (offered: readonly Offered[], timestampMs: number): SentRequest => {
    const samples = offered.flatMap((block) => block.samples)
    assert.equal(new Set(samples.map(({ series }) => series)).size, samples.length, 'a series twice in a request')
    if (throughOtlp) {
      const decoded = samplesOf(encoder.finish(timestampMs).bytes)
      assert.deepEqual(sorted(decoded.samples), sorted(samples))
      assert.equal(decoded.timestampMs ?? timestampMs, timestampMs)
    }
    return { timestampMs, samples }
  }

  /** The model's entry for a block that was claimed, which must have been due. */
  const entryOf = (
    { departed, samples }: Offered,
    { resource, group: name }: ClaimedName,
    taken: Taken,
  ): ModelEntry => {
    const key = `${resource} ${name}`
    assert.ok(!model.busy.has(key) || taken.departing.has(key), `${key} is under way already`)
    model.busy.set(key, (model.busy.get(key) ?? 0) + 1)
    // Beside the departures of a name a claim may hold one of its objects.
    if (departed) taken.departing.add(key)
    else taken.departing.delete(key)
    const entry = departed
      ? departureEntry(resource, name, samples, taken)
      : objectEntry(resource, name, samples, taken)
    model.offered(entry)
    return entry
  }
  const departureEntry = (resource: number, name: string, samples: readonly Sample[], taken: Taken): ModelEntry => {
    const state = taken.readmitted ? 'readmitted' : 'pending'
    const all = samples.map(({ series }) => series)
    const departure = model.departures.find(
      (ended) =>
        ended.resource === resource &&
        ended.name === name &&
        ended.state === state &&
        !taken.departures.has(ended) &&
        (!taken.readmitted || ended.series.has(all[0] as string)),
    )
    assert.ok(departure, `no stale marker of ${name} is ${state}`)
    taken.departures.add(departure)
    assert.deepEqual(all.sort(), [...departure.series].sort())
    return { departure, offered: true }
  }
  const objectEntry = (
    resource: number,
    name: string,
    samples: readonly Sample[],
    { refreshBefore, readmitted }: Taken,
  ): ModelEntry => {
    const uid = uidIn(samples[0]?.series)
    const object = model.find(resource, uid)
    assert.ok(object !== undefined && object.name === name, `${name} ${uid} is not there`)
    assertSame(samples, object)
    const changed = readmitted || object.state === 'dirty'
    const isDue = readmitted
      ? object.state === 'readmitted'
      : changed || (object.state === 'clean' && object.acknowledgedAt < refreshBefore)
    assert.ok(isDue, `${name} was not due`)
    object.state = 'underWay'
    object.attempted = true
    object.changedUnderWay = false
    return { object, changed, since: object.acknowledgedAt, sentVersion: object.version, offered: true }
  }

  const claimOnce = (request: ClaimRequest | 'readmitted', room: number, timestampMs: number) => {
    const { offered, accept, wasRefused } = collect(room)
    const readmitted = request === 'readmitted'
    const claimed = readmitted ? delivery.claimReadmitted(accept) : delivery.claim(request, accept)
    const names = claimed?.claim.names() ?? []
    assert.equal(names.length, offered.length)
    const refreshBefore = readmitted ? 0 : request.refreshBefore
    const taken: Taken = { refreshBefore, readmitted, departing: new Set(), departures: new Set() }
    const entries = offered.map((block, i) => entryOf(block, names[i] as ClaimedName, taken))
    if (readmitted) assertOneKind(entries)
    else if (!wasRefused()) assertNothingLeft(request)
    if (claimed === undefined) encoder.reset()
    else underWay.push({ claim: claimed.claim, entries, request: toRequest(offered, timestampMs) })
    return claimed !== undefined
  }
  /** What may be harmless is never together with what is known to be refused. */
  const assertOneKind = (entries: readonly ModelEntry[]) => {
    const kinds = new Set(entries.map((entry) => (isDeparture(entry) ? entry.departure : entry.object).isProven))
    assert.ok(kinds.size <= 1)
    for (const entry of entries) if (isDeparture(entry)) entry.departure.state = 'pending'
  }
  /** Whatever may be claimed and is not under way would have been. */
  const assertNothingLeft = (request: ClaimRequest) => {
    const isOut = (resource: number, name: string) => model.busy.has(`${resource} ${name}`)
    if (request.departures) {
      for (const { resource, name, state } of model.departures) assert.ok(isOut(resource, name) || state !== 'pending')
    }
    for (const { resource, name, state } of model.objects.values()) {
      if (request.changes && state === 'dirty') {
        assert.ok(isOut(resource, name), `${name} was left out`)
      }
    }
  }

  /** Offers a claim again, as for a retry. */
  const retry = (sent: UnderWay, room: number) => {
    const { offered, accept } = collect(room)
    sent.claim.offer(accept)
    let place = 0
    for (const entry of sent.entries) {
      const isGone = isDeparture(entry) ? entry.departure.series.size === 0 : !model.lives(entry.object)
      if (isGone) continue
      const block = offered[place++]
      if (block === undefined) {
        entry.offered = false
        continue
      }
      if (isDeparture(entry))
        assert.deepEqual(block.samples.map(({ series }) => series).sort(), [...entry.departure.series].sort())
      else assertSame(block.samples, entry.object)
      model.offered(entry)
    }
    sent.request = toRequest(offered, nextTimestamp())
  }

  const takeOut = (pick: (count: number) => number): UnderWay | undefined => {
    if (underWay.length === 0) return undefined
    const [sent] = underWay.splice(pick(underWay.length), 1)
    return sent
  }

  const steps: readonly (readonly [weight: number, name: string, step: Step])[] = [
    [
      24,
      'put',
      (pick) => {
        const resource = pick(2)
        const uidIndex = pick(uids.length)
        const names = resource === 0 ? namespacedNames : clusterNames
        const name = names[pick(8) === 0 ? pick(names.length) : uidIndex % names.length] as string
        const thing = createThing(name, uids[uidIndex] as string, pick(contents))
        return put(resource, name, uids[uidIndex] as string, thing)
      },
    ],
    [
      8,
      'remove',
      (pick) => {
        const [resource, uid] = [pick(2), uids[pick(uids.length)] as string]
        const reason = pick(8) === 0 ? 'handed over' : 'deleted'
        const object = model.find(resource, uid)
        assert.equal(store.remove(resource, uid, reason), object !== undefined)
        if (object !== undefined) model.remove(object, reason, now)
        return `remove ${resource} ${uid}, ${reason}`
      },
    ],
    [
      1,
      'relist begins',
      (pick) => {
        const resource = pick(2)
        const namespace = resource === 0 ? [undefined, 'a', 'ab', 'b'][pick(4)] : undefined
        relists.push({ resource, namespace, epoch: store.beginRelist(), seen: new Set() })
        return `relist of ${resource} ${namespace ?? ''} begins`
      },
    ],
    [
      1,
      'relist ends',
      (pick) => {
        const [relist] = relists.splice(pick(Math.max(1, relists.length)), 1)
        if (relist === undefined) return 'no relist'
        const reason = pick(3) === 0 ? 'handed over' : 'deleted'
        endRelist(relist, reason, 1 + pick(5))
        return `relist of ${relist.resource} ${relist.namespace ?? ''} ends, the rest is ${reason}`
      },
    ],
    [
      1,
      'mark synced',
      (pick) => {
        const resource = pick(2)
        markSynced(resource, 1 + pick(5))
        model.markSynced(resource)
        return `${resource} is synced`
      },
    ],
    [
      8,
      'claim',
      (pick) => {
        const refreshBefore = [0, now - 20, Number.POSITIVE_INFINITY][pick(3)] as number
        const due = { departures: pick(3) > 0, changes: pick(4) > 0, refreshBefore, refreshRows: pick(3) * 10 }
        const room = [1, 2, 3, 5, 100][pick(5)] as number
        const timestampMs = nextTimestamp()
        claimOnce(due, room, timestampMs)
        return `claim ${JSON.stringify(due)} room ${room} at ${timestampMs}`
      },
    ],
    [
      6,
      'arrive',
      (pick) => {
        const sent = takeOut(pick)
        if (sent === undefined) return 'nothing under way'
        receiver.take(sent.request)
        sent.claim.acknowledge(now)
        settle(sent, (entry) => model.acknowledge(entry, now))
        return 'a request arrives'
      },
    ],
    [
      3,
      'give up',
      (pick) => {
        const sent = takeOut(pick)
        if (sent === undefined) return 'nothing under way'
        const arrived = pick(2) === 0
        if (arrived) receiver.take(sent.request)
        sent.claim.release()
        settle(sent, (entry) => model.release(entry))
        return `a request is given up, which ${arrived ? 'arrived' : 'is lost'}`
      },
    ],
    [
      3,
      'retry',
      (pick) => {
        const sent = underWay[pick(Math.max(1, underWay.length))]
        if (sent === undefined) return 'nothing under way'
        const arrived = pick(2) === 0
        if (arrived) receiver.take(sent.request)
        retry(sent, pick(4) === 0 ? 1 : 100)
        return `a request is retried, which ${arrived ? 'arrived' : 'was lost'}`
      },
    ],
    [
      1,
      'split',
      (pick) => {
        const sent = takeOut(pick)
        if (sent === undefined) return 'nothing under way'
        if (sent.claim.size < 2) underWay.push(sent)
        else split(sent)
        return 'a request is split'
      },
    ],
    [
      1,
      'set aside',
      (pick) => {
        const sent = takeOut(pick)
        if (sent === undefined) return 'nothing under way'
        const until = now + pick(60)
        const isProven = pick(2) === 0
        sent.claim.setAside(until, isProven)
        settle(sent, (entry) => model.setAside(entry, until, isProven))
        return `a request is set aside until ${until}${isProven ? ', known to be refused' : ''}`
      },
    ],
    [
      3,
      'claim readmitted',
      (pick) => {
        const room = [1, 3, 100][pick(3)] as number
        return `claim what was readmitted: ${claimOnce('readmitted', room, nextTimestamp())}`
      },
    ],
    [
      3,
      'time',
      (pick) => {
        now += 1 + pick(40)
        wall += pick(6) === 0 ? (pick(2) * 2 - 1) * 10_000 : pick(40)
        return `it is ${now}, on the wall ${wall}`
      },
    ],
    [
      2,
      'tick',
      () => {
        delivery.tick(now)
        departures.expire(now)
        model.tick(now)
        model.expire(now)
        return 'tick'
      },
    ],
    [
      1,
      'compare',
      () => {
        compareObjects()
        return 'compare'
      },
    ],
  ]
  const chooser = steps.flatMap((step) => Array<typeof step>(step[0]).fill(step))

  function put(resource: number, name: string, uid: string, thing: ReturnType<typeof createThing>): string {
    const block = writers[resource]?.write(thing)
    assert.ok(block)
    const lines = linesOf(resource, thing)
    const outcome = store.put(resource, thing.metadata, block)
    assert.equal(outcome, model.put(resource, uid, name, lines, now))
    const object = model.find(resource, uid) as ModelObject
    for (const { seen } of relists) seen.add(object)
    return `put ${resource} ${name} ${uid}: ${outcome}; ${lines.map((line) => line.join(' ')).join('; ')}`
  }
  function endRelist({ resource, namespace, epoch, seen }: Relist, reason: RemovalReason, perStep: number): void {
    const isGone = (object: ModelObject) =>
      !seen.has(object) && (namespace === undefined || object.name.startsWith(`${namespace}/`))
    // Whether a series counts as sent depends on who goes first, so the model follows the store's order: last first.
    const gone = objectsInOrder(resource).reverse().filter(isGone)
    let removed = 0
    for (const count of store.removeMissing(resource, epoch, namespace, reason, perStep)) removed += count
    assert.equal(removed, gone.length)
    for (const object of gone) model.remove(object, reason, now)
  }
  function markSynced(resource: number, perStep: number): void {
    for (const _step of store.markSynced(resource, perStep));
  }
  function objectsInOrder(resource: number): ModelObject[] {
    const reader = store.reader(resource)
    return [...reader.slots()].map((slot) => {
      const lines = readLines(reader.bytes(slot), reader.offset(slot), { duplicates: false })
      return model.find(resource, uidIn(lines[0]?.[0])) as ModelObject
    })
  }
  function split(sent: UnderWay): void {
    for (const claim of sent.claim.split()) {
      const names = new Set(claim.names().map(({ resource, group }) => `${resource} ${group}`))
      const entries = sent.entries.filter((entry) => names.has(model.nameOf(entry)))
      const part = { claim, entries, request: sent.request }
      retry(part, 100)
      underWay.push(part)
    }
  }
  function settle({ entries }: UnderWay, end: (entry: ModelEntry) => void): void {
    for (const entry of entries) end(entry)
  }

  const compareCounts = () => {
    for (const resource of [0, 1]) {
      let objects = 0
      let series = 0
      for (const object of model.objects.values()) {
        if (object.resource !== resource) continue
        objects++
        series += object.lines.length
      }
      assert.equal(store.objects(resource), objects, 'objects')
      assert.equal(store.series(resource), series, 'series')
    }
    let dirty = 0
    let aside = 0
    for (const { state } of model.objects.values()) {
      if (state === 'dirty') dirty++
      else if (state === 'aside') aside++
    }
    assert.equal(delivery.dirty, dirty, 'dirty')
    assert.equal(delivery.setAside, aside, 'set aside')
    assert.equal(delivery.inFlight, model.busy.size, 'names under way')
    assert.equal(departures.series, model.owed(), 'owed markers')
    assert.equal(departures.dropped, model.dropped, 'dropped markers')
    assert.equal(departures.expired, model.expired, 'expired markers')
  }
  const compareObjects = () => {
    for (const resource of [0, 1]) {
      const reader = store.reader(resource)
      const held = [...reader.slots()].map((slot) =>
        String(readLines(reader.bytes(slot), reader.offset(slot), { duplicates: true })),
      )
      assert.deepEqual(
        held.sort(),
        model
          .of(resource)
          .map(({ lines }) => String(lines))
          .sort(),
      )
    }
  }
  /** Everything is delivered: the receiver must live by what the store holds. */
  const quiesce = () => {
    for (const sent of underWay.splice(0)) {
      sent.claim.release()
      settle(sent, (entry) => model.release(entry))
    }
    for (const resource of [0, 1]) {
      markSynced(resource, 100)
      model.markSynced(resource)
    }
    now += 1_000
    delivery.tick(now)
    model.tick(now)
    const all = { departures: true, changes: true, refreshBefore: 0, refreshRows: 0 }
    while (claimOnce(all, 4, nextTimestamp()) || claimOnce('readmitted', 4, nextTimestamp())) {
      const sent = underWay.pop() as UnderWay
      receiver.take(sent.request)
      sent.claim.acknowledge(now)
      settle(sent, (entry) => model.acknowledge(entry, now))
      compareCounts()
    }
    assert.equal(departures.series, 0)
    assert.equal(delivery.dirty, 0)
    assert.equal(delivery.oldestChange(), undefined)
    compareReceiver()
  }
  const compareReceiver = () => {
    const values = new Map<string, Set<number>>()
    for (const { rows } of model.objects.values()) {
      for (const [series, value] of rows) values.set(series, (values.get(series) ?? new Set()).add(value))
    }
    const live = receiver.live()
    for (const series of values.keys()) assert.ok(live.has(series), `${series} is missing at the receiver`)
    for (const [series, value] of live) {
      if (model.forgiven.has(series)) continue
      assert.ok(values.has(series), `${series} lives on at the receiver`)
      assert.ok(values.get(series)?.has(value), `${series} is ${value} at the receiver`)
    }
  }

  return {
    /** Does what the number says and compares counts; returns it in words. 0 is nothing, so that scripts shrink. */
    step(number: number): string {
      if (number === 0) return ''
      let rest = number
      const pick = (count: number): number => {
        const picked = rest % count
        rest = Math.floor(rest / count)
        return picked
      }
      const words = (chooser[pick(chooser.length)] as (typeof steps)[number])[2](pick)
      compareCounts()
      return words
    },
    /** Delivers all and compares what is held. */
    end(): void {
      compareObjects()
      quiesce()
      compareObjects()
    },
  }
}

/** Every object's first line tells its UID. */
function uidIn(info: string | undefined): string {
  return /uid="(.*)"/.exec(info ?? '')?.[1] as string
}

function assertSame(samples: readonly Sample[], { rows }: ModelObject): void {
  assert.equal(samples.length, rows.size)
  for (const { series, value } of samples) assert.equal(value, rows.get(series), series)
}

function sorted(samples: readonly Sample[]): string[] {
  return samples.map(({ series, value }) => `${series} ${value}`).sort()
}
