/** Holds the store against its model, over random scripts; a failing one is shrunk and told in words. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WorldOptions } from './model-world.ts'
import { createWorld } from './model-world.ts'

const ample = { maxDeparted: 1_000_000, departedMaxAgeMs: 1_000_000_000, throughOtlp: false }

const variants: readonly { name: string; steps: number; options: WorldOptions }[] = [
  { name: 'every debt is kept', steps: 600_000, options: ample },
  {
    name: 'debts are limited in number and age',
    steps: 300_000,
    options: { ...ample, maxDeparted: 9, departedMaxAgeMs: 150 },
  },
  { name: 'requests go through OTLP bytes', steps: 150_000, options: { ...ample, throughOtlp: true } },
]

/** Steps of a script. */
const length = 300

describe('the store is a Map of series', () => {
  test.each(variants)('$name', { timeout: 120_000 }, ({ steps, options }) => {
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
