/** The options of `npm run bench -- growth` and `npm run bench -- soak`. */

import { parseArgs } from 'node:util'

export interface GrowthOptions {
  /** Sizes; each is measured with each number of shards. */
  readonly pods: readonly number[]
  readonly shards: readonly number[]
  /** Length of the phase without changes. */
  readonly seconds: number
  /** Whether shards read their own objects alone. */
  readonly shardSelectors: boolean
}

export const growthUsage = `npm run bench -- growth [options]

The program with so many pods of 7 KB and 64 series: memory, CPU, and both per series, which should not grow with the
number. The API server is simulated and generates the pods; the receiver only counts. Linux only.

  --pods N,N…         numbers of pods (default: 10000,50000,100000,200000)
  --shards N,N…       numbers of shards, each a process (default: 1)
  --seconds N         length of the phase without changes (default: 60)
  --shard-selectors   the API server sends each shard its own pods only
  --help`

export interface SoakOptions {
  readonly pods: number
  readonly generations: number
  /** How long the program rests after each generation before its memory is read. */
  readonly seconds: number
}

export const soakUsage = `npm run bench -- soak [options]

The program through generations of churn: each replaces two thirds of the pods and changes a label of the others, half of it
before the eyes of the watch and half between its end and the list that follows. Afterwards the live series at the receiver
have to be those of the program, and its memory should end where it began. Linux only.

  --pods N            number of pods (default: 20000)
  --generations N     generations (default: 30)
  --seconds N         rest after each generation, before memory is read (default: 10)
  --help`

const numbers = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

/** Throws with a message for the user; undefined if help is asked for. */
export function parseGrowthOptions(words: readonly string[]): GrowthOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: { pods: numbers, shards: numbers, seconds: numbers, 'shard-selectors': flag, help: flag },
  })
  if (values.help) return undefined
  return {
    pods: numbersFrom('pods', values.pods ?? '10000,50000,100000,200000', 1),
    shards: numbersFrom('shards', values.shards ?? '1', 1),
    seconds: numberFrom('seconds', values.seconds ?? '60', 1),
    shardSelectors: values['shard-selectors'],
  }
}

/** Throws with a message for the user; undefined if help is asked for. */
export function parseSoakOptions(words: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: { pods: numbers, generations: numbers, seconds: numbers, help: flag },
  })
  if (values.help) return undefined
  return {
    pods: numberFrom('pods', values.pods ?? '20000', 30),
    generations: numberFrom('generations', values.generations ?? '30', 1),
    seconds: numberFrom('seconds', values.seconds ?? '10', 0),
  }
}

const numbersFrom = (name: string, text: string, least: number) =>
  text.split(',').map((part) => numberFrom(name, part, least))

/** Throws with a message for the user. */
export function numberFrom(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value
  throw new Error(`--${name}=${text}: a whole number of at least ${least} is needed`)
}

const startSeconds = 5
const secondsPer100kPods = 45

/** Minutes for the whole run, on two cores without other work. */
export function estimateGrowthMinutes({ pods, shards, seconds }: GrowthOptions): number {
  const measured = pods.flatMap((count) => shards.map(() => count))
  const rest = (startSeconds + 15 + seconds) * (measured.length + 1)
  const work = measured.reduce((sum, count) => sum + (count * secondsPer100kPods) / 1e5, 0)
  return Math.ceil((rest + work) / 60)
}

export function estimateSoakMinutes({ pods, generations, seconds }: SoakOptions): number {
  return Math.ceil(((generations + 1) * (seconds + 2 + (pods * secondsPer100kPods) / 1e5)) / 60)
}
