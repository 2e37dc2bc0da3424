/** Byte streams for tests: JSON as a Go server writes it, chunks cut anywhere. */

/** The bytes in chunks that end at these places, modulo the length. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => Uint8Array.from(bytes.subarray(sorted[i], end)))
}

/** The bytes one by one. */
export const bytewise = (bytes: Uint8Array) =>
  cutAt(
    bytes,
    Array.from(bytes, (_, i) => i),
  )

/** What the reader yields for all chunks. */
export function readAll<R>(reader: { read(chunk: Uint8Array): Iterable<R> }, chunks: readonly Uint8Array[]): R[] {
  return chunks.flatMap((chunk) => [...reader.read(chunk)])
}

/** JSON with every integer in full, as a Go server writes it. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, element]) => `${JSON.stringify(key)}:${jsonText(element)}`)
    .join(',')}}`
}
