/** Visits the data points of an OTLP request without decoding them, fast enough for a receiver beside the measured program. */

/** Reads the fields of one protobuf message after the other. It is opened again for each message, so that nothing is allocated. */
class MessageCursor {
  bytes: Buffer = Buffer.alloc(0)
  /** Of the current field. */
  field = 0
  /** The value of the current field, a varint, modulo 2^53; 0 for other types. */
  number = 0
  /** The range of the current field without its key and length: fixed-width numbers are ranges too. Empty for a varint. */
  start = 0
  end = 0
  #at = 0
  #limit = 0

  open(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes
    this.#at = start
    this.#limit = end
    return this
  }

  /** The message in the current field of another cursor. */
  enter(outer: MessageCursor): this {
    return this.open(outer.bytes, outer.start, outer.end)
  }

  /** Moves to the next field; false at the end. Throws on malformed bytes. */
  next(): boolean {
    if (this.#at >= this.#limit) return false
    const key = this.#readVarint()
    this.field = Math.floor(key / 8)
    const wireType = key % 8
    this.number = wireType === 0 ? this.#readVarint() : 0
    this.start = this.#at
    if (wireType !== 0) this.#skip(wireType)
    this.end = this.#at
    return true
  }

  /** Moves to the next field of this number. */
  find(field: number): boolean {
    while (this.next()) if (this.field === field) return true
    return false
  }

  #skip(wireType: number): void {
    const length = this.#lengthOf(wireType)
    this.start = this.#at
    this.#at += length
    if (this.#at > this.#limit) throw new RangeError('a protobuf message ends within a field')
  }

  #lengthOf(wireType: number): number {
    if (wireType === 1) return 8
    if (wireType === 5) return 4
    if (wireType === 2) return this.#readVarint()
    throw new RangeError(`a protobuf message has a field of wire type ${wireType}`)
  }

  #readVarint(): number {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.#at++]
      if (byte === undefined) throw new RangeError('a protobuf message ends within a number')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
}

/** One data point, valid during the call. Ranges are of the request. */
export interface VisitedPoint {
  readonly nameStart: number
  readonly nameEnd: number
  /** The point's own message. */
  readonly start: number
  readonly end: number
}

const nameField = 1
/** Gauge and sum. */
const dataFields: readonly number[] = [5, 7]
const valueFields = { double: 4, int: 6 }
const attributesField = 7
const flagsField = 8

const cursors = Array.from({ length: 5 }, () => new MessageCursor())
const pointCursor = new MessageCursor()

/** Throws on malformed bytes. */
export function visitPoints(request: Buffer, visit: (point: VisitedPoint) => void): void {
  const [resources, scopes, metrics, metric, data] = cursors as [
    MessageCursor,
    MessageCursor,
    MessageCursor,
    MessageCursor,
    MessageCursor,
  ]
  resources.open(request, 0, request.length)
  while (resources.find(1)) {
    scopes.enter(resources)
    while (scopes.find(2)) {
      metrics.enter(scopes)
      while (metrics.find(2)) visitMetric(metrics, metric, data, visit)
    }
  }
}

const visited = { nameStart: 0, nameEnd: 0, start: 0, end: 0 }

function visitMetric(
  metrics: MessageCursor,
  metric: MessageCursor,
  data: MessageCursor,
  visit: (point: VisitedPoint) => void,
): void {
  // The Collector writes the name behind the points.
  const hasName = metric.enter(metrics).find(nameField)
  visited.nameStart = hasName ? metric.start : 0
  visited.nameEnd = hasName ? metric.end : 0
  metric.enter(metrics)
  while (metric.next()) {
    if (!dataFields.includes(metric.field)) continue
    data.enter(metric)
    while (data.find(1)) {
      visited.start = data.start
      visited.end = data.end
      visit(visited)
    }
  }
}

/** Whether a point has the flag "no recorded value". */
export function isStale(request: Buffer, { start, end }: VisitedPoint): boolean {
  pointCursor.open(request, start, end)
  return pointCursor.find(flagsField) && (pointCursor.number & 1) === 1
}

/** The value; undefined without one. */
function numberOf(request: Buffer, { start, end }: VisitedPoint): number | undefined {
  pointCursor.open(request, start, end)
  while (pointCursor.next()) {
    if (pointCursor.field === valueFields.double) return request.readDoubleLE(pointCursor.start)
    if (pointCursor.field === valueFields.int) return Number(request.readBigInt64LE(pointCursor.start))
  }
  return undefined
}

/** A hash of the name and the attributes, as a whole number below 2^53. */
export function seriesHash(request: Buffer, { nameStart, nameEnd, start, end }: VisitedPoint): number {
  let low = hashInto(0x811c9dc5, 0x01000193, request, nameStart, nameEnd)
  let high = hashInto(0x9747b28c, 0x5bd1e995, request, nameStart, nameEnd)
  pointCursor.open(request, start, end)
  while (pointCursor.find(attributesField)) {
    low = hashInto(low, 0x01000193, request, pointCursor.start, pointCursor.end)
    high = hashInto(high, 0x5bd1e995, request, pointCursor.start, pointCursor.end)
  }
  // The lowest bits of a product are poor, the highest are not.
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

function hashInto(hash: number, factor: number, bytes: Buffer, start: number, end: number): number {
  let mixed = hash ^ (end - start)
  for (let at = start; at < end; at++) mixed = Math.imul(mixed ^ (bytes[at] as number), factor)
  return mixed ^ (mixed >>> 15)
}

export interface Points {
  readonly points: number
  /** Points with the flag "no recorded value". */
  readonly stale: number
  /** The values of the metric, of points that have one. */
  readonly values: readonly number[]
}

/** Throws on malformed bytes. */
export function countPoints(request: Buffer, metricName: string): Points {
  const wanted = Buffer.from(metricName)
  const counted = { points: 0, stale: 0, values: [] as number[] }
  visitPoints(request, (point) => {
    counted.points++
    if (isStale(request, point)) counted.stale++
    else if (wanted.equals(request.subarray(point.nameStart, point.nameEnd))) {
      const value = numberOf(request, point)
      if (value !== undefined) counted.values.push(value)
    }
  })
  return counted
}
