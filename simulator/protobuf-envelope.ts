/** Encodes the `k8s\0` envelope, lists and watch frames like a Go server. */

import {
  bytesOf,
  createProtobufSink,
  prependBytes,
  prependLengthField,
  prependText,
  prependVarintField,
} from './protobuf-sink.ts'

const magic = Buffer.from('k8s\0', 'latin1')

/** `runtime.Unknown` around the bytes of a message. */
export function encodeEnvelope(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  const sink = createProtobufSink()
  prependLengthField(sink, 4, () => {})
  prependLengthField(sink, 3, () => {})
  prependLengthField(sink, 2, () => prependBytes(sink, raw))
  prependLengthField(sink, 1, () => {
    prependLengthField(sink, 2, () => prependText(sink, kind))
    prependLengthField(sink, 1, () => prependText(sink, apiVersion))
  })
  prependBytes(sink, magic)
  return bytesOf(sink)
}

/** The metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

/** The message of an XxxList, without envelope: its metadata, then its items. */
export function encodeListMessage(metadata: ListMeta, items: readonly Uint8Array[]): Buffer {
  const sink = createProtobufSink()
  for (const item of items.toReversed()) prependLengthField(sink, 2, () => prependBytes(sink, item))
  prependLengthField(sink, 1, () => {
    if (metadata.remainingItemCount !== undefined) prependVarintField(sink, 4, metadata.remainingItemCount)
    prependLengthField(sink, 3, () => prependText(sink, metadata.continue ?? ''))
    prependLengthField(sink, 2, () => prependText(sink, metadata.resourceVersion))
    prependLengthField(sink, 1, () => {})
  })
  return bytesOf(sink)
}

/** One frame of a watch stream: its length in 4 bytes, then a `metav1.WatchEvent` around an enveloped object. */
export function encodeWatchFrame(type: string, envelope: Uint8Array): Buffer {
  const sink = createProtobufSink()
  prependLengthField(sink, 2, () => prependLengthField(sink, 1, () => prependBytes(sink, envelope)))
  prependLengthField(sink, 1, () => prependText(sink, type))
  const event = bytesOf(sink)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(event.length)
  return Buffer.concat([length, event])
}
