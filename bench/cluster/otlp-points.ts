/** Counts the data points of an OTLP request without decoding them, and finds the values of one metric. */

/** A field of a protobuf message: bytes of a nested one, or the bits of a number. */
type Visit = (field: number, bytes: Buffer | undefined, number: number) => void

export interface Points {
  readonly points: number
  /** Points with the flag "no recorded value". */
  readonly stale: number
  /** The values of the metric, of points that have one. */
  readonly values: readonly number[]
}

/** Throws on malformed bytes. */
export function countPoints(request: Buffer, metricName: string): Points {
  const counted = { points: 0, stale: 0, values: [] as number[] }
  visitPath(request, [1, 2, 2], (metric) => countMetric(metric, metricName, counted))
  return counted
}

/** Calls back for each nested message that the path of field numbers leads to. */
function visitPath(message: Buffer, [field, ...rest]: readonly number[], found: (message: Buffer) => void): void {
  visitFields(message, (number, bytes) => {
    if (number !== field || bytes === undefined) return
    if (rest.length === 0) found(bytes)
    else visitPath(bytes, rest, found)
  })
}

const nameField = 1
const gaugeField = 5
const sumField = 7

function countMetric(metric: Buffer, wanted: string, counted: { points: number; stale: number; values: number[] }) {
  let isWanted = false
  visitFields(metric, (field, bytes) => {
    if (field === nameField && bytes !== undefined) isWanted = bytes.toString() === wanted
  })
  for (const field of [gaugeField, sumField]) {
    visitPath(metric, [field, 1], (point) => {
      const { value, isStale } = readPoint(point)
      counted.points++
      if (isStale) counted.stale++
      else if (isWanted && value !== undefined) counted.values.push(value)
    })
  }
}

function readPoint(point: Buffer): { value: number | undefined; isStale: boolean } {
  let value: number | undefined
  let isStale = false
  visitFields(point, (field, bytes, number) => {
    if (field === 4 && bytes !== undefined) value = bytes.readDoubleLE(0)
    if (field === 6 && bytes !== undefined) value = Number(bytes.readBigInt64LE(0))
    if (field === 8) isStale = (number & 1) === 1
  })
  return { value, isStale }
}

/** Fixed-width numbers are passed as their bytes. */
function visitFields(message: Buffer, visit: Visit): void {
  let at = 0
  const readVarint = () => {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('a protobuf message ends within a number')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  const readBytes = (length: number) => {
    if (at + length > message.length) throw new RangeError('a protobuf message ends within a field')
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const key = readVarint()
    const [field, wireType] = [Math.floor(key / 8), key % 8]
    if (wireType === 0) visit(field, undefined, readVarint())
    else if (wireType === 1) visit(field, readBytes(8), 0)
    else if (wireType === 2) visit(field, readBytes(readVarint()), 0)
    else if (wireType === 5) visit(field, readBytes(4), 0)
    else throw new RangeError(`a protobuf message has a field of wire type ${wireType}`)
  }
}
