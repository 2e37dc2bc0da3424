import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipFamily } from '../../../src/families/resources/ip-address.ts'

describe('IP family', () => {
  test.each(['10.0.0.1', '0.0.0.0', '255.255.255.255', '::ffff:10.0.0.9', '::FFFF:a00:9', '::ffff:10.0.0.9%eth0'])(
    '%s is 4',
    (text) => expect(ipFamily(text)).toBe(4),
  )

  test.each([
    '::',
    '::1',
    '1::',
    'fe80::1%eth0',
    'fd00:10::a',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
  ])('%s is 6', (text) => expect(ipFamily(text)).toBe(6))

  test.each([
    '',
    '1.2.3',
    '010.0.0.1',
    '1.2.3.256',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4%eth0',
    'fe80::1%',
    ':::',
    ':1::',
    '1::2::3',
    '1:2:3:4::5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::g',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::ffff:1.2.3.04',
    'localhost',
  ])('%j is none', (text) => expect(ipFamily(text)).toBeUndefined())

  test('knows every address that Node knows', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => ipFamily(text) === 4))
    fc.assert(fc.property(fc.ipV6(), (text) => ipFamily(text) !== undefined))
    const pieces = fc.array(fc.constantFrom(':', '::', '.', '0', '10', 'ffff', 'abcde', '255', '256', '01', '1.2.3.4'))
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        expect(ipFamily(text) !== undefined, text).toBe(isIPv4(text) || isIPv6(text))
      }),
      { numRuns: 2000 },
    )
  })
})
