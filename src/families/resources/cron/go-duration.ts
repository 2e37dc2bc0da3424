/** Parses Go durations (`1h30m`, `90.5s`) to whole seconds; Go has no days or weeks. */

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

const durationPattern = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const partPattern = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g

/** Whole seconds, rounded down; undefined if the text is malformed, negative or exceeds 64 bits of nanoseconds. */
export function parseDurationSeconds(text: string): number | undefined {
  if (text.startsWith('-') || !durationPattern.test(text)) return undefined
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(partPattern)) {
    const size = nanosecondsPerUnit[unit] ?? 0
    // Go multiplies the fraction in floating point; 18 of its digits fit 64 bits.
    const digits = fraction.slice(0, 18)
    const scaled = Math.trunc(Number(digits) * (size / Number(`1e${digits.length}`)))
    total += BigInt(whole) * BigInt(size) + BigInt(scaled)
  }
  return total >= 2n ** 63n ? undefined : Number(total / 1_000_000_000n)
}
