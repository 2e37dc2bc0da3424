/** Decoders from Kubernetes protobuf to the object form: a schema compiled to one function per message. */

import type { Schema } from '../../schemas/schema.ts'
import { asBuffer } from './byte-window.ts'
import { emptyList, emptyMap } from './object-form.ts'
import { protobufDecoderSource } from './protobuf-source.ts'
import * as values from './protobuf-values.ts'

/** Decodes the message between two offsets of the bytes; keeps no reference to them. Throws DecodeError. */
export type DecodeProtobuf<T> = (bytes: Uint8Array, start: number, end: number) => T

/**
 * A decoder of the protobuf form of a kind, without the `k8s\0` envelope (see envelope.ts). Absent and null do not exist
 * here: presence is what the bytes show. Throws DecodeError for truncated or malformed bytes.
 */
export function compileProtobufDecoder<T>(schema: Schema<T>): DecodeProtobuf<T> {
  const { text, constants } = protobufDecoderSource(schema)
  const compile = new Function(...Object.keys(values), 'emptyList', 'emptyMap', 'constants', text)
  const decode = compile(...Object.values(values), emptyList, emptyMap, constants)
  return (bytes, start, end) => decode(asBuffer(bytes), start, end)
}
