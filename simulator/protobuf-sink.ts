/** A buffer that is filled from its end, as in Go's encoders: the length of a message is known once it is written. */

/** Written bytes are those from `start` to the end of the buffer. */
export interface ProtobufSink {
  buffer: Buffer
  start: number
}

export function createProtobufSink(): ProtobufSink {
  return { buffer: Buffer.allocUnsafe(4096), start: 4096 }
}

/** The number of written bytes. */
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

/** An unsigned or two's complement varint; integers above 2^53 must be bigint. */
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

/** A tag, a length and the bytes that `write` prepends. */
export function prependLengthField(sink: ProtobufSink, number: number, write: () => void): void {
  const sizeBefore = sizeOf(sink)
  write()
  prependVarint(sink, sizeOf(sink) - sizeBefore)
  prependVarint(sink, number * 8 + 2)
}
