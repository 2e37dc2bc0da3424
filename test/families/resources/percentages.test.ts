import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaledValue } from '../../../src/families/resources/percentages.ts'
import { readGoldenObjects, readGoldenSamples } from '../../conformance/goldens.ts'

interface Deployment {
  metadata: { name: string }
  spec?: { replicas?: string; strategy?: { rollingUpdate?: { maxUnavailable?: string; maxSurge?: string } } }
}

/** The goldens have no types: plain digits with a sample were a number. */
function typed(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text
}

describe('numbers or percentages', () => {
  test.each<[number | string, number, number | undefined, number | undefined]>([
    [3, 10, 3, 3],
    [0, 10, 0, 0],
    [-2, 10, -2, -2],
    ['25%', 10, 3, 2],
    ['10%', 3, 1, 0],
    ['50%', 9, 5, 4],
    ['150%', 9, 14, 13],
    ['0%', 5, 0, 0],
    ['100%', 7, 7, 7],
    ['+25%', 8, 2, 2],
    ['-10%', 3, 0, -1],
    ['007%', 100, 7, 7],
    ['7.5%', 100, undefined, undefined],
    ['5', 100, undefined, undefined],
    ['many', 100, undefined, undefined],
    ['', 100, undefined, undefined],
    ['%', 100, undefined, undefined],
    [' 5%', 100, undefined, undefined],
    ['5%%', 100, undefined, undefined],
    ['9223372036854775808%', 1, undefined, undefined],
  ])('%j of %d: up %d, down %d', (value, total, up, down) => {
    expect(scaledValue(value, total, 'up')).toBe(up)
    expect(scaledValue(value, total, 'down')).toBe(down)
  })

  test('rounding up is at most one above rounding down, and equal for whole results', () => {
    fc.assert(
      fc.property(fc.integer({ min: -200, max: 200 }), fc.nat(10000), (percent, total) => {
        const up = scaledValue(`${percent}%`, total, 'up') ?? Number.NaN
        const down = scaledValue(`${percent}%`, total, 'down') ?? Number.NaN
        expect(up - down).toBe((percent * total) % 100 === 0 ? 0 : 1)
        expect(Math.abs(down * 100 - percent * total)).toBeLessThan(100)
      }),
    )
  })

  test.each([
    ['max_unavailable', 'maxUnavailable', 'down'],
    ['max_surge', 'maxSurge', 'up'],
  ] as const)('%s of the conformance cases', (family, field, round) => {
    let compared = 0
    for (const name of ['deployments/rollout', 'deployments/strategies']) {
      const objects = readGoldenObjects<Deployment>(name)
      const samples = readGoldenSamples(name, `kube_deployment_spec_strategy_rollingupdate_${family}`)
      for (const { labels, value } of samples) {
        const spec = objects.find((object) => object.metadata.name === labels.deployment)?.spec
        const amount = spec?.strategy?.rollingUpdate?.[field] ?? 'absent'
        expect(scaledValue(typed(amount), Number(spec?.replicas), round)).toBe(value)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(3)
  })
})
