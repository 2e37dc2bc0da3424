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

/** Undefined when it does not fit. Revisions are written as differences from the largest one. */
export function encodeProgress(progress: DeliveryProgress): string | undefined {
  const { cluster, publishedAtMs: at, fingerprint, resources, destinations } = progress
  const text = JSON.stringify({
    version,
    cluster,
    at,
    fingerprint,
    resources: Object.fromEntries(resources),
    destinations: Object.fromEntries([...destinations].map(([name, state]) => [name, encodeDestination(state)])),
  })
  return text.length > maxLength ? undefined : text
}

function encodeDestination({ lastTimestampMs, oldestChangeMs, revisions }: DestinationProgress): object {
  const base = Math.max(0, ...revisions.values())
  const behind = Object.fromEntries([...revisions].map(([resource, revision]) => [resource, base - revision]))
  return { timestamp: lastTimestampMs, oldestChange: oldestChangeMs, base, behind }
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
  const { timestamp, oldestChange, base, behind } = recordOf(value)
  const newest = wholeNumberOf(base)
  return {
    lastTimestampMs: wholeNumberOf(timestamp),
    oldestChangeMs: wholeNumberOf(oldestChange),
    revisions: mapOf(behind, (difference) => wholeNumberOf(newest - wholeNumberOf(difference))),
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
