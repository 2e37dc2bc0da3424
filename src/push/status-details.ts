/**
 * Decodes responses of a receiver: the export response, and google.rpc.Status with a RetryInfo. Unknown fields are
 * skipped, and malformed bytes are treated as an empty message.
 */

import protobuf from 'protobufjs/minimal.js'
import type { Answer } from './transport.ts'

const varint = 0
const lengthDelimited = 2
const retryInfoType = 'google.rpc.RetryInfo'

/** One field of a message, a number or bytes; numbers of more than 53 bits are rounded. */
interface WireField {
  readonly number: number
  readonly value: number
  readonly bytes: Uint8Array
}

const nothing = new Uint8Array(0)

function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const number = tag >>> 3
    const type = tag & 7
    if (type === varint) yield { number, value: Number(reader.int64()), bytes: nothing }
    else if (type === lengthDelimited) yield { number, value: 0, bytes: reader.bytes() }
    else reader.skipType(type)
  }
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function field(bytes: Uint8Array, number: number): WireField | undefined {
  return fieldsOf(bytes).find((candidate) => candidate.number === number)
}

/** The answer in an ExportMetricsServiceResponse. */
export function readExportResponse(response: Uint8Array): Answer {
  const { rejectedPoints, message } = readPartialSuccess(response)
  return rejectedPoints === 0 && message === '' ? { kind: 'accepted' } : { kind: 'partial', rejectedPoints, message }
}

/** The message of a google.rpc.Status; undefined if it has none. */
export function readStatusMessage(status: Uint8Array): string | undefined {
  return orUndefined(() => textOf(field(status, 2)?.bytes ?? nothing) || undefined)
}

/** The number of rejected points and the message in an ExportMetricsServiceResponse. */
export function readPartialSuccess(response: Uint8Array): { rejectedPoints: number; message: string } {
  const read = orUndefined(() => {
    const partial = field(response, 1)?.bytes ?? nothing
    return { rejectedPoints: field(partial, 1)?.value ?? 0, message: textOf(field(partial, 2)?.bytes ?? nothing) }
  })
  return read ?? { rejectedPoints: 0, message: '' }
}

/** The delay of the RetryInfo in a google.rpc.Status in milliseconds: 0 if it has none, undefined without RetryInfo. */
export function readRetryDelay(status: Uint8Array): number | undefined {
  return orUndefined(() => {
    for (const detail of fieldsOf(status)) {
      if (detail.number !== 3) continue
      const type = textOf(field(detail.bytes, 1)?.bytes ?? nothing)
      if (!type.endsWith(`/${retryInfoType}`)) continue
      const delay = field(field(detail.bytes, 2)?.bytes ?? nothing, 1)?.bytes ?? nothing
      return (field(delay, 1)?.value ?? 0) * 1000 + (field(delay, 2)?.value ?? 0) / 1e6
    }
    return undefined
  })
}
