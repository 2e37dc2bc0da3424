/** Owns a buffer that is filled from its end, as Go's encoders do: the length of a message is known once it is written. */

/** Bytes written back to front. They stand from `start` to the end of the buffer. */
export interface ProtobufSink {
  buffer: Buffer
  start: number
}

export function createProtobufSink(): ProtobufSink {
  return { buffer: Buffer.allocUnsafe(4096), start: 4096 }
}

/** How many bytes are written. */
export function sizeOf(sink: ProtobufSink): number {
  return sink.buffer.length - sink.start
}

/** A copy of the written bytes. */
export function bytesOf(sink: ProtobufSink): Buffer {
  return Buffer.from(sink.buffer.subarray(sink.start))
}

function reserve(sink: ProtobufSink, length: number): number {
  if (sink.start < length) {
    const grown = Buffer.allocUnsafe(Math.max(sink.buffer.length * 2, sizeOf(sink) + length))
    const start = grown.length - sizeOf(sink)
    sink.buffer.copy(grown, start, sink.start)
    sink.buffer = grown
    sink.start = start
  }
  sink.start -= length
  return sink.start
}

export function prependBytes(sink: ProtobufSink, bytes: Uint8Array): void {
  const start = reserve(sink, bytes.length)
  sink.buffer.set(bytes, start)
}

export function prependText(sink: ProtobufSink, text: string): void {
  const start = reserve(sink, Buffer.byteLength(text))
  sink.buffer.write(text, start)
}

/** An unsigned or two's complement varint; integers beyond 2^53 come as bigint. */
export function prependVarint(sink: ProtobufSink, value: number | bigint): void {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  prependBytes(sink, Uint8Array.from(bytes))
}

/** A tag and a varint. */
export function prependVarintField(sink: ProtobufSink, number: number, value: number | bigint): void {
  prependVarint(sink, value)
  prependVarint(sink, number * 8)
}

/** A tag, a length and what `write` puts before the bytes that stand already. */
export function prependLengthField(sink: ProtobufSink, number: number, write: () => void): void {
  const behind = sizeOf(sink)
  write()
  prependVarint(sink, sizeOf(sink) - behind)
  prependVarint(sink, number * 8 + 2)
}
