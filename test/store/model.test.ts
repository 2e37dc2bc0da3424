/**
 * The store and its ledgers compared with their model, over random scripts; a failing one is shrunk and printed as
 * text.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WorldOptions } from './model-world.ts'
import { createWorld } from './model-world.ts'

const ample = { maxSeries: 1_000_000, maxAgeMs: 1_000_000_000 }
const scarce = { maxSeries: 9, maxAgeMs: 150 }
const some = { withoutFamilies: ['pods_plain', 'pods_info', 'nodes_phase'], namespaces: ['a', 'b'] }

const variants: readonly { name: string; steps: number; options: WorldOptions }[] = [
  { name: 'two destinations', steps: 500_000, options: { limits: [ample, ample], throughOtlp: false } },
  {
    name: 'stale markers limited in number and age',
    steps: 400_000,
    options: { limits: [scarce, ample], throughOtlp: false },
  },
  {
    name: 'limits on series',
    steps: 150_000,
    options: {
      limits: [ample, scarce],
      throughOtlp: false,
      series: {
        series: 60,
        perResource: new Map([['pods', 40]]),
        perFamily: new Map([
          ['pods_labelled', 6],
          ['*', 9],
        ]),
      },
    },
  },
  { name: 'requests as OTLP bytes', steps: 100_000, options: { limits: [ample], throughOtlp: true } },
  {
    name: 'shards that hand objects over',
    steps: 300_000,
    options: { limits: [ample, scarce], throughOtlp: false, isSharded: true },
  },
  {
    name: 'replicas in standby, and a resource that continues where another process stopped',
    steps: 300_000,
    options: { limits: [ample, scarce], throughOtlp: false, hasReplicas: true },
  },
  {
    name: 'destinations of some families and namespaces',
    steps: 150_000,
    options: { limits: [ample, ample], selections: [some, undefined], throughOtlp: false },
  },
  {
    name: 'everything at once, as OTLP bytes',
    steps: 60_000,
    options: { limits: [ample], selections: [some], throughOtlp: true, isSharded: true, hasReplicas: true },
  },
]

/** Steps of a script. */
const length = 300

describe('every receiver converges on the store', () => {
  test.each(variants)('$name', { timeout: 900_000 }, ({ steps, options }) => {
    const script = fc.array(fc.nat(0xffff_ffff), { minLength: length, maxLength: length })
    const property = fc.property(script, (numbers) => runScript(numbers, options))
    const result = fc.check(property, { numRuns: Math.ceil(steps / length), seed: 1, endOnFailure: false })
    const story = result.counterexample === null ? '' : tell(result.counterexample[0] as number[], options)
    expect(result.failed, story).toBe(false)
  })
})

function runScript(numbers: readonly number[], options: WorldOptions): void {
  const world = createWorld(options)
  for (const number of numbers) world.step(number)
  world.end()
}

/** The script in words, up to where it fails, and the numbers to replay it. */
function tell(numbers: readonly number[], options: WorldOptions): string {
  const world = createWorld(options)
  const words: string[] = []
  try {
    for (const number of numbers) words.push(world.step(number))
    world.end()
  } catch (error) {
    words.push(String(error))
  }
  const replay = numbers.filter((number) => number !== 0)
  return `\n${words.filter((line) => line !== '').join('\n')}\nreplay: ${JSON.stringify(replay)} with ${JSON.stringify(options)}`
}
