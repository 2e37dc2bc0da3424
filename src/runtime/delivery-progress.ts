/**
 * The progress of deliveries as an annotation of the Lease: from which revision of each resource another process has to
 * continue, so that no series that ended stays without a stale marker.
 */

/** What a destination has acknowledged. */
export interface DestinationProgress {
  /** Unix milliseconds of the last request; 0 before the first. */
  readonly lastTimestampMs: number
  /** Age of the oldest change of a live object that is not acknowledged, in milliseconds; 0 without any. */
  readonly oldestChangeMs: number
  /** By resource: all stale markers of changes up to this revision are acknowledged. */
  readonly revisions: ReadonlyMap<string, number>
  /** By resource: all changes of live objects up to this revision are acknowledged. */
  readonly changes: ReadonlyMap<string, number>
  /**
   * By the name of a scope: everything up to this revision is acknowledged. Only in a Lease that is released by a leader that has
   * delivered everything, and of resources that are read in several namespaces, of which one that is idle keeps `revisions` behind.
   */
  readonly scopes: ReadonlyMap<string, number>
}

export interface DeliveryProgress {
  /** The identity of the cluster in OTLP. */
  readonly cluster: string
  /** Unix milliseconds. */
  readonly publishedAtMs: number
  /** Of everything that decides which series exist and is the same for all resources. */
  readonly fingerprint: string
  /** By resource: fingerprint of what decides which series its objects have. */
  readonly resources: ReadonlyMap<string, string>
  /** By a name that stays the same when the process is started again. */
  readonly destinations: ReadonlyMap<string, DestinationProgress>
}

/** The version of the format; others are not read. */
const version = 1

/** A Lease has room for 256 KiB of annotations, which are others' too. */
const maxLength = 100_000

/** Undefined when it does not fit, even without scopes. Revisions are written as differences from the largest one. */
export function encodeProgress(progress: DeliveryProgress): string | undefined {
  return [encodeAll(progress), encodeAll(withoutScopes(progress))].find((text) => text.length <= maxLength)
}

function withoutScopes({ destinations, ...progress }: DeliveryProgress): DeliveryProgress {
  const scopes = new Map<string, number>()
  return { ...progress, destinations: new Map([...destinations].map(([name, state]) => [name, { ...state, scopes }])) }
}

function encodeAll({ cluster, publishedAtMs: at, fingerprint, resources, destinations }: DeliveryProgress): string {
  return JSON.stringify({
    version,
    cluster,
    at,
    fingerprint,
    resources: Object.fromEntries(resources),
    destinations: Object.fromEntries([...destinations].map(([name, state]) => [name, encodeDestination(state)])),
  })
}

function encodeDestination(state: DestinationProgress): object {
  const { lastTimestampMs: timestamp, oldestChangeMs: oldestChange, revisions, changes, scopes } = state
  let base = 0
  for (const revision of [...revisions.values(), ...changes.values(), ...scopes.values()])
    base = Math.max(base, revision)
  const differences = (of: ReadonlyMap<string, number>) =>
    Object.fromEntries([...of].map(([name, revision]) => [name, base - revision]))
  return {
    ...{ timestamp, oldestChange, base, behind: differences(revisions) },
    // Without pending changes they are at the same revisions as the stale markers.
    ...(oldestChange === 0 ? {} : { changes: differences(changes) }),
    ...(scopes.size === 0 ? {} : { scopes: differences(scopes) }),
  }
}

/** Undefined for anything but what `encodeProgress` writes. */
export function parseProgress(text: string | undefined): DeliveryProgress | undefined {
  try {
    const { at, ...fields } = recordOf(JSON.parse(text ?? ''))
    if (fields.version !== version) return undefined
    return {
      cluster: textOf(fields.cluster),
      publishedAtMs: wholeNumberOf(at),
      fingerprint: textOf(fields.fingerprint),
      resources: mapOf(fields.resources, textOf),
      destinations: mapOf(fields.destinations, destinationOf),
    }
  } catch {
    return undefined
  }
}

function destinationOf(value: unknown): DestinationProgress {
  const { timestamp, oldestChange, base, behind, changes = {}, scopes = {} } = recordOf(value)
  const newest = wholeNumberOf(base)
  const revisionsIn = (differences: unknown) =>
    mapOf(differences, (difference) => wholeNumberOf(newest - wholeNumberOf(difference)))
  const oldestChangeMs = wholeNumberOf(oldestChange)
  const revisions = revisionsIn(behind)
  return {
    lastTimestampMs: wholeNumberOf(timestamp),
    oldestChangeMs,
    revisions,
    changes: oldestChangeMs === 0 ? revisions : revisionsIn(changes),
    scopes: revisionsIn(scopes),
  }
}

function mapOf<V>(value: unknown, read: (value: unknown) => V): Map<string, V> {
  return new Map(Object.entries(recordOf(value)).map(([key, entry]) => [key, read(entry)]))
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
  return value as Record<string, unknown>
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

function wholeNumberOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError('not a whole number')
  return value as number
}
