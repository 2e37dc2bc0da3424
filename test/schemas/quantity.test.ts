import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isQuantity,
  parseQuantity,
  QuantityError,
  quantityAsApproximateFloat,
  quantityMilliValue,
  quantityValue,
} from '../../src/schemas/quantity.ts'
import { readGoldenObjects, readGoldenSamples } from '../conformance/goldens.ts'

type Amounts = Record<string, string>

// Columns: text, value, thousandths, approximate float; measured on Go's resource.Quantity.
const readings: [string, number, number, number][] = [
  ['0', 0, 0, 0],
  ['-0', 0, 0, 0],
  ['100m', 1, 0.1, 0.1],
  ['1500m', 2, 1.5, 1.5],
  ['-1500m', -2, -1.5, -1.5],
  ['1u', 1, 0.001, 0.000001],
  ['1n', 1, 0.001, 1e-9],
  ['3.0000001', 4, 3.001, 3.0000001],
  ['3.7Mi', 3879732, 3879731.2, 3879731.2],
  ['-1.5Gi', -1610612736, -1610612736, -1610612736],
  ['.5Gi', 536870912, 536870912, 536870912],
  ['1.', 1, 1, 1],
  ['+3', 3, 3, 3],
  ['010', 10, 10, 10],
  ['12E-1', 2, 1.2, 1.2000000000000002],
  ['-2Gi', -2147483648, -2147483648, -2147483648],
  ['1E', 1e18, 1e18, 1e18],
  ['1e3', 1000, 1000, 1000],
  ['1k', 1000, 1000, 1000],
  ['1Ki', 1024, 1024, 1024],
  ['3.24159', 4, 3.242, 3.2415900000000004],
  ['333u', 1, 0.001, 0.00033299999999999996],
  ['2.675', 3, 2.675, 2.6750000000000003],
  ['12.7', 13, 12.7, 12.700000000000001],
  ['1.0000000000000001', 2, 1.001, 1.000000001],
  ['1e-400', 1, 0.001, 1e-9],
  ['8Ei', 9223372036854775807, 9223372036854775807, 9223372036854775807],
  ['100Ei', 9223372036854775807, 9223372036854775807, 9223372036854775807],
  ['9223372036854775', 9223372036854775, 9223372036854774, 9223372036854775],
  ['9223372036854776', 9223372036854776, 9223372036854776, 9223372036854776],
  ['1000000000000000000000', 3875820019684212736, 3875820019684212736, 1.0000000000000001e21],
  ['100E', 0, 0, 1e20],
  ['40457805547263M', 3564317399843897000, 3564317399843897000, 4.0457805547263e19],
  ['-1E', -1e18, 0, -1e18],
  ['m', 0, 0, 0],
  ['.', 0, 0, 0],
  ['-', 0, 0, 0],
]

describe('quantities', () => {
  test.each(readings)('%s', (text, value, milli, approximate) => {
    expect(quantityValue(text)).toBe(value)
    expect(quantityMilliValue(text)).toBe(milli)
    expect(quantityAsApproximateFloat(text)).toBe(approximate)
    expect(isQuantity(text)).toBe(true)
  })

  test.each([
    '',
    'abc',
    '1K',
    '1ki',
    '1mi',
    '1e',
    '1Ee5',
    '1.2.3',
    '5-3',
    '0x10',
    '1_000',
    'NaN',
    '1e9223372036854775808',
    'e-20',
    '.Ei',
  ])('%j is none', (text) => {
    expect(isQuantity(text)).toBe(false)
    for (const read of [parseQuantity, quantityValue, quantityMilliValue, quantityAsApproximateFloat]) {
      expect(() => read(text)).toThrow(QuantityError)
    }
  })

  test('the error has the text', () => {
    expect(() => quantityValue('12 apples')).toThrow('not a Kubernetes quantity: "12 apples"')
  })

  test('white space around the text is accepted only when reading JSON', () => {
    expect(quantityValue(' 7 ')).toBe(7)
    expect(quantityMilliValue('\t7m')).toBe(0.007)
    expect(isQuantity(' 7')).toBe(false)
  })

  test('huge exponents are parsed immediately', () => {
    expect(quantityValue('1e-2000000000')).toBe(1)
    expect(quantityAsApproximateFloat('1.5e2000000000')).toBe(Infinity)
    expect(quantityValue('1234567890123456789e2000000000')).toBe(0)
  })

  test('limit ranges of the conformance cases', () => {
    type LimitRange = { metadata: { name: string }; spec?: { limits: ({ type: string } & Record<string, Amounts>)[] } }
    let compared = 0
    for (const name of ['limitranges/extremes', 'limitranges/ranges']) {
      const objects = readGoldenObjects<LimitRange>(name)
      for (const { labels, value } of readGoldenSamples(name, 'kube_limitrange')) {
        const range = objects.find((object) => object.metadata.name === labels.limitrange)
        const limit = range?.spec?.limits.find((item) => item.type === labels.type)
        const text = limit?.[labels.constraint ?? '']?.[labels.resource ?? '']
        expect(quantityMilliValue(text ?? 'absent'), JSON.stringify(labels)).toBe(value)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(40)
  })

  test('nodes of the conformance cases', () => {
    type Node = { metadata: { name: string }; status: Record<string, Amounts> }
    const [node] = readGoldenObjects<Node>('nodes/quantities')
    for (const side of ['capacity', 'allocatable']) {
      const samples = readGoldenSamples('nodes/quantities', `kube_node_status_${side}`)
      expect(samples.length).toBeGreaterThan(7)
      for (const { labels, value } of samples) {
        const amounts = Object.entries(node?.status[side] ?? {})
        const [, text = 'absent'] = amounts.find(([key]) => key.replace(/\W/g, '_') === labels.resource) ?? []
        expect(quantityMilliValue(text), JSON.stringify(labels)).toBe(value)
      }
    }
  })

  test('containers of the conformance cases', () => {
    type Container = { name: string; resources: Record<string, Amounts> }
    const [pod] = readGoldenObjects<{ spec: { containers: Container[] } }>('pods/quantities')
    for (const side of ['requests', 'limits']) {
      const samples = readGoldenSamples('pods/quantities', `kube_pod_container_resource_${side}`)
      expect(samples).toHaveLength(18)
      for (const { labels, value } of samples) {
        const container = pod?.spec.containers.find((item) => item.name === labels.container)
        const text = container?.resources[side]?.[labels.resource ?? ''] ?? 'absent'
        const read = labels.resource === 'cpu' ? quantityMilliValue : quantityValue
        expect(read(text), JSON.stringify(labels)).toBe(value)
      }
    }
  })

  test('the fast path agrees with the exact one', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti')
    const number = fc.oneof(fc.nat(), fc.maxSafeNat())
    fc.assert(
      fc.property(number, suffix, (digits, unit) => {
        // Texts with a sign do not take the fast path.
        expect(quantityValue(`${digits}${unit}`)).toBe(quantityValue(`+${digits}${unit}`))
        expect(quantityMilliValue(`${digits}${unit}`)).toBe(quantityMilliValue(`+${digits}${unit}`))
      }),
      { numRuns: 2000 },
    )
  })

  test('integers up to 2^53 are exact, also negative ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (number) => {
        expect(quantityValue(String(number))).toBe(number)
        expect(quantityValue(`${number}000m`)).toBe(number)
        expect(quantityMilliValue(`-${number}`)).toBe(-number + 0)
        expect(quantityAsApproximateFloat(`${number}`)).toBe(number)
      }),
    )
  })
})
