/** Certificates for tests, as strict parsers such as Go's read them. */

import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { createAuthority } from './certificates.ts'

/** The lengths of all elements in their encoded form. */
function* lengthsOf(bytes: Buffer): Generator<{ readonly length: number; readonly octets: number }> {
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at)
    const octets = first < 0x80 ? 0 : first & 0x7f
    const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets)
    const start = at + 2 + octets
    yield { length, octets }
    const isConstructed = (tag & 0x20) !== 0
    if (isConstructed) yield* lengthsOf(bytes.subarray(start, start + length))
    at = start + length
  }
}

const shortest = (length: number) => (length < 0x80 ? 0 : length < 0x100 ? 1 : 2)

it('every length has its shortest form, which DER requires', () => {
  const authority = createAuthority('an authority')
  const names = Array.from({ length: 12 }, (_, i) => ({ dns: `name-${i}.example` }))
  for (const cert of [authority.cert, authority.issueLeaf('leaf').cert, authority.issueLeaf('leaf', names).cert]) {
    const lengths = [...lengthsOf(new X509Certificate(cert).raw)]
    expect(lengths.length).toBeGreaterThan(20)
    expect(lengths.filter(({ length, octets }) => octets !== shortest(length))).toEqual([])
  }
})
