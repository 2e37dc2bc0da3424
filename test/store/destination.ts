/** One destination in the world of the model: a ledger, its model, a receiver, and the requests between them. */
import assert from 'node:assert/strict'
import type { OtlpEncoder } from '../../src/encoding/otlp-encoder.ts'
import type { Accept, Batch } from '../../src/store/batch.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import type { BatchRequest } from '../../src/store/take-batch.ts'
import type { ReadLines } from './block-lines.ts'
import type { Model } from './model.ts'
import type { ModelEntry, ModelLedger, ModelMarker, ModelObject } from './model-ledger.ts'
import { groupOf, isMarker, ofEntry } from './model-ledger.ts'
import { samplesOf } from './otlp-samples.ts'
import type { Sample, SentRequest } from './receiver.ts'
import { Receiver } from './receiver.ts'

export interface InFlight {
  readonly batch: Batch
  readonly entries: ModelEntry[]
  request: SentRequest
}

export interface DestinationOptions {
  readonly ledger: Ledger
  readonly model: Model
  readonly modelLedger: ModelLedger
  readonly readLines: ReadLines
  /** Requests are encoded and decoded again with it. */
  readonly encoder: OtlpEncoder | undefined
  readonly wallMs: () => number
}

interface Offered {
  readonly ended: boolean
  /** Of the first series, which a destination may not get. */
  readonly uid: string
  readonly samples: Sample[]
}

/** What one batch has taken so far. */
interface Taken {
  readonly request: BatchRequest | 'readmitted'
  /** Names of which it has stale markers and no object. */
  readonly markedOnly: Set<string>
  readonly markers: Set<ModelLedger['markers'][number]>
}

export type Destination = ReturnType<typeof createDestination>

export function createDestination({ ledger, model, modelLedger, readLines, encoder, wallMs }: DestinationOptions) {
  const receiver = new Receiver()
  const inFlight: InFlight[] = []
  let lastTimestamp = 0
  const isSelected = ({ series }: Sample) => modelLedger.selection.includesSeries(series)
  const nextTimestamp = () => {
    lastTimestamp = Math.max(wallMs(), lastTimestamp + 1)
    return lastTimestamp
  }

  /** What the destination gets of an object. */
  const rowsAt = ({ name, rows }: ModelObject): Map<string, number> =>
    new Map(
      modelLedger.selection.includesName(name) ? [...rows].filter(([series]) => isSelected({ series, value: 0 })) : [],
    )

  /** Collects what is offered until `room` blocks are in. */
  const collect = (room: number) => {
    const offered: Offered[] = []
    let wasRefused = false
    const accept: Accept = (bytes, at, ended) => {
      wasRefused ||= offered.length >= room
      if (offered.length >= room) return false
      if (encoder !== undefined) assert.ok(encoder.add(bytes, at, ended))
      const lines = readLines(bytes, at, { duplicates: false })
      const [first] = ended ? [] : readLines(bytes, at, { duplicates: false, withheld: true })
      const samples = lines.map(([series, value]) => ({ series, value: ended ? undefined : value }))
      offered.push({ ended, uid: uidIn(first?.[0]), samples: samples.filter(isSelected) })
      return true
    }
    return { offered, accept, wasRefused: () => wasRefused }
  }
  const toRequest = (offered: readonly Offered[]): SentRequest => {
    const timestampMs = nextTimestamp()
    const samples = offered.flatMap((block) => block.samples)
    assert.equal(new Set(samples.map(({ series }) => series)).size, samples.length, 'a series twice in a request')
    if (encoder !== undefined) {
      const decoded = samplesOf(encoder.finish(timestampMs).bytes)
      assert.deepEqual(sorted(decoded.samples), sorted(samples))
      assert.equal(decoded.timestampMs ?? timestampMs, timestampMs)
    }
    return { timestampMs, samples }
  }

  /** The model's entry for a block that was taken, which must have been due. */
  const entryOf = (block: Offered, name: { resource: number; name: string }, taken: Taken): ModelEntry => {
    const { ended, samples } = block
    const key = groupOf(name)
    assert.ok(!modelLedger.busy.has(key) || taken.markedOnly.has(key), `${key} is in flight already`)
    modelLedger.busy.set(key, (modelLedger.busy.get(key) ?? 0) + 1)
    // Beside the stale markers of a name a batch may hold one of its objects.
    if (ended) taken.markedOnly.add(key)
    else taken.markedOnly.delete(key)
    const entry = ended ? markerEntry(key, samples, taken) : objectEntry(name, block, taken)
    modelLedger.offered(entry)
    return entry
  }
  /** A former owner may send the series, or they may live again when the resource is synced. */
  const isWithheld = ({ isHeld, isUnconfirmed, resource }: ModelMarker) =>
    isHeld || isUnconfirmed || modelLedger.resuming.has(resource)
  const markerEntry = (key: string, samples: readonly Sample[], { request, markers }: Taken): ModelEntry => {
    const state = request === 'readmitted' ? 'readmitted' : 'pending'
    const series = samples.map((sample) => sample.series).sort()
    const marker = modelLedger.markers.find(
      (one) => groupOf(one) === key && one.state === state && !markers.has(one) && one.series.has(series[0] as string),
    )
    assert.ok(marker, `no stale marker of ${key} is ${state}`)
    assert.ok(!isWithheld(marker), `the stale marker of ${key} is withheld`)
    markers.add(marker)
    assert.deepEqual(series, [...marker.series].sort())
    return { marker, offered: true }
  }
  const objectEntry = (
    { resource, name }: { resource: number; name: string },
    { samples, uid }: Offered,
    { request }: Taken,
  ): ModelEntry => {
    const object = model.find(resource, uid)
    assert.ok(object?.name === name, `${name} ${uid} is not there`)
    assertSame(samples, rowsAt(object))
    const standing = modelLedger.of(object)
    const wasPending = standing.state !== 'acknowledged'
    assert.ok(isDue(standing, request), `${name} was not due`)
    const entry = { object, wasPending, since: standing.since, offered: true }
    Object.assign(standing, { state: 'inFlight', sent: true, changedInFlight: undefined, outdated: undefined })
    return entry
  }

  const take = (request: BatchRequest | 'readmitted', room: number): boolean => {
    const { offered, accept, wasRefused } = collect(room)
    const taken = request === 'readmitted' ? ledger.takeReadmitted(accept) : ledger.take(request, accept)
    const names = taken?.batch.names() ?? []
    assert.equal(names.length, offered.length)
    const taking: Taken = { request, markedOnly: new Set(), markers: new Set() }
    const entries = offered.map((block, i) => {
      const { resource, group } = names[i] as (typeof names)[number]
      return entryOf(block, { resource, name: group }, taking)
    })
    if (request === 'readmitted') assertOneKind(entries)
    else if (!wasRefused() && modelLedger.mode === 'leading') assertNothingLeft(request)
    if (taken === undefined) {
      encoder?.reset()
      return false
    }
    assert.equal(modelLedger.mode, 'leading')
    inFlight.push({ batch: taken.batch, entries, request: toRequest(offered) })
    return true
  }
  /** What may be harmless is never together with what is known to be refused. */
  const assertOneKind = (entries: readonly ModelEntry[]) => {
    const kinds = new Set(
      entries.map((entry) => (isMarker(entry) ? entry.marker : modelLedger.of(entry.object)).isProven),
    )
    assert.ok(kinds.size <= 1)
    for (const entry of entries) if (isMarker(entry)) entry.marker.state = 'pending'
  }
  /** Whatever may be taken and is not in flight would have been. */
  const assertNothingLeft = (request: BatchRequest) => {
    if (request.markers) {
      for (const marker of modelLedger.markers) {
        assert.ok(marker.state !== 'pending' || isWithheld(marker) || modelLedger.busy.has(groupOf(marker)))
      }
    }
    for (const [object, { state }] of modelLedger.standings) {
      if (request.changes && state === 'pending')
        assert.ok(modelLedger.busy.has(groupOf(object)), `${object.name} left`)
    }
  }

  const oldestChange = (): number | undefined => {
    const times = [...modelLedger.standings.values()].flatMap(({ state, since, outdated }) =>
      state === 'pending' ? [since] : state === 'inFlight' && outdated !== undefined ? [outdated] : [],
    )
    for (const entry of inFlight.flatMap(({ entries }) => entries)) {
      if (isMarker(entry)) continue
      const { changedInFlight } = model.lives(entry.object) ? modelLedger.of(entry.object) : {}
      if (entry.wasPending) times.push(entry.since)
      else if (changedInFlight !== undefined) times.push(changedInFlight)
    }
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Encodes a batch again, as for a retry. */
  const retry = (sent: InFlight, room: number) => {
    const { offered, accept } = collect(room)
    sent.batch.offer(accept)
    let place = 0
    for (const entry of sent.entries) {
      const isGone = isMarker(entry) ? entry.marker.series.size === 0 : !model.lives(entry.object)
      if (isGone) continue
      const block = offered[place++]
      entry.offered = false
      if (block === undefined) continue
      if (!isMarker(entry)) assertSame(block.samples, rowsAt(entry.object))
      else assert.deepEqual(block.samples.map(({ series }) => series).sort(), [...entry.marker.series].sort())
      modelLedger.offered(entry)
    }
    sent.request = toRequest(offered)
  }
  const split = (sent: InFlight) => {
    for (const batch of sent.batch.split()) {
      const names = new Set(batch.names().map(({ resource, group }) => groupOf({ resource, name: group })))
      const entries = sent.entries.filter((entry) => names.has(groupOf(ofEntry(entry))))
      const part = { batch, entries, request: sent.request }
      retry(part, 100)
      inFlight.push(part)
    }
  }
  const settle = ({ entries }: InFlight, end: (entry: ModelEntry) => void) => {
    for (const entry of entries) end(entry)
  }

  return {
    ledger,
    modelLedger,
    receiver,
    inFlight,
    take,
    retry,
    split,
    acknowledge(sent: InFlight, now: number) {
      receiver.take(sent.request)
      sent.batch.acknowledge(now)
      settle(sent, (entry) => modelLedger.acknowledge(entry, now))
    },
    release(sent: InFlight) {
      sent.batch.release()
      settle(sent, (entry) => modelLedger.release(entry))
    },
    setAside(sent: InFlight, until: number, isProven: boolean) {
      sent.batch.setAside(until, isProven)
      settle(sent, (entry) => modelLedger.setAside(entry, until, isProven))
    },
    compareCounts() {
      assert.equal(ledger.pending, modelLedger.count('pending'), 'pending')
      assert.equal(ledger.setAside, modelLedger.count('aside'), 'set aside')
      assert.equal(ledger.inFlight, modelLedger.busy.size, 'names in flight')
      assert.equal(ledger.pendingMarkers, modelLedger.pendingMarkers(), 'stale markers')
      assert.equal(ledger.droppedMarkers, modelLedger.dropped, 'dropped markers')
      assert.equal(ledger.expiredMarkers, modelLedger.expired, 'expired markers')
      assert.equal(ledger.rows, modelLedger.rows(), 'rows')
      assert.equal(ledger.oldestChange(), oldestChange(), 'oldest change')
      assert.deepEqual(new Map(ledger.oldestMarkers()), oldestMarkers(modelLedger.markers))
    },
    /** Another process sends something of the name, unless that could overtake what is in flight. */
    receiveFromElsewhere(name: { resource: number; name: string }, samples: readonly Sample[]): boolean {
      if (modelLedger.busy.has(groupOf(name))) return false
      receiver.take({ timestampMs: nextTimestamp(), samples: samples.filter(isSelected) })
      modelLedger.arrived(samples.filter(isSelected).map(({ series }) => series))
      return true
    },
    rowsAt,
    /** The receiver must have what the model has, but for what is forgiven. */
    compareReceiver() {
      const values = new Map<string, Set<number>>()
      for (const object of model.objects.values()) {
        for (const [series, value] of rowsAt(object)) values.set(series, (values.get(series) ?? new Set()).add(value))
      }
      const live = receiver.live()
      for (const series of values.keys()) assert.ok(live.has(series), `${series} is missing at the receiver`)
      for (const [series, value] of live) {
        if (modelLedger.forgiven.has(series)) continue
        assert.ok(values.has(series), `${series} lives on at the receiver`)
        assert.ok(values.get(series)?.has(value), `${series} is ${value} at the receiver`)
      }
    },
  }
}

function oldestMarkers(markers: readonly ModelMarker[]) {
  const oldest = new Map<number, { since: number; revision: number }>()
  for (const { resource, since, revision } of markers) {
    const known = oldest.get(resource) ?? { since, revision }
    oldest.set(resource, { since: known.since, revision: Math.min(known.revision, revision) })
  }
  return oldest
}

function isDue(
  { state, since }: { readonly state: string; readonly since: number },
  request: BatchRequest | 'readmitted',
): boolean {
  if (request === 'readmitted') return state === 'suspected' || state === 'refused'
  if (state === 'acknowledged') return since < request.refreshBefore
  return state === 'pending' && request.changes
}

/** Every object's first line has its UID. */
export function uidIn(info: string | undefined): string {
  return /uid="(.*)"/.exec(info ?? '')?.[1] as string
}

function assertSame(samples: readonly Sample[], rows: ReadonlyMap<string, number>): void {
  assert.equal(samples.length, rows.size)
  for (const { series, value } of samples) assert.equal(value, rows.get(series), series)
}

function sorted(samples: readonly Sample[]): string[] {
  return samples.map(({ series, value }) => `${series} ${value}`).sort()
}
