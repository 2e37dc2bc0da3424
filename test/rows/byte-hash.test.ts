/** Hashes of label sets that differ little. */
import { describe, expect, test } from 'vitest'
import { hashBytes } from '../../src/rows/byte-hash.ts'
import { encodeLabels } from '../../src/rows/label-bytes.ts'

function hashOf(value: string, seed = 0): number {
  const { buffer, byteOffset, length } = encodeLabels([['host', value]])
  // Not aligned, as in a dictionary.
  const shifted = new Uint8Array(length + 1)
  shifted.set(new Uint8Array(buffer, byteOffset, length), 1)
  return hashBytes(new DataView(shifted.buffer), 1, length + 1, seed)
}

const host = (i: number, length: number) => {
  const number = String(i).padStart(6, '0')
  return 'tenant-'.padEnd(length / 2, 'a') + number + 'z'.repeat(length / 2)
}

describe('the hash of a label set', () => {
  test.each([40, 41, 42, 43, 200])(
    'differs for 8,000 hosts of %i characters that differ in the middle alone',
    (length) => {
      const hosts = Array.from({ length: 8_000 }, (_, i) => host(i, length))
      expect(new Set(hosts.map((value) => hashOf(value))).size).toBeGreaterThan(7_990)
    },
  )

  test.each([36, 37, 38, 39])('spreads them over few buckets, at any position of a word (length %i)', (length) => {
    const sizes = new Uint32Array(256)
    for (let i = 0; i < 25_600; i++) (sizes[hashOf(host(i, length)) & 255] as number)++
    // 100 each, if they were spread evenly; a deviation of six times the expected one would be a pattern.
    expect(Math.min(...sizes)).toBeGreaterThan(40)
    expect(Math.max(...sizes)).toBeLessThan(160)
  })

  test('of a very long text depends on units from all over it', () => {
    const text = 'x'.repeat(100_000)
    const changed = [0, 50_000, 99_000].map(
      (from) => `${text.slice(0, from)}${'y'.repeat(500)}${text.slice(from + 500)}`,
    )
    expect(new Set([text, ...changed].map((value) => hashOf(value))).size).toBe(4)
  })

  test('depends on the seed, the length and the bytes after the last word', () => {
    const values = ['', 'a', 'b', 'aa', 'ab', 'aaa', 'aab', 'aaaa', 'aaab', 'a\0', 'a\0\0']
    const hashes = values.flatMap((value) => [hashOf(value, 0), hashOf(value, 1)])
    expect(new Set(hashes).size).toBe(2 * values.length)
  })
})
