/** Counts by label: a Map behind an observable counter, for hot paths. Values never decrease. */
import type { Meter } from '@opentelemetry/api'

/** Adds `amount` to the count of one set of label values, given in the order of the declared labels. 0 makes the series appear. */
export type Tally = (amount: number, ...labelValues: string[]) => void

interface Count {
  value: number
  attributes: Record<string, string>
}

/** Creates a counter. An SDK counter hashes its attributes on every add; here an add is one Map lookup. */
export function createTally(meter: Meter, name: string, description: string, labelNames: string[] = []): Tally {
  const counts = new Map<string, Count>()
  meter.createObservableCounter(name, { description }).addCallback((result) => {
    for (const { value, attributes } of counts.values()) result.observe(value, attributes)
  })
  const countOf = (labelValues: string[]): Count => {
    const key = labelValues.join('\0')
    let count = counts.get(key)
    if (count === undefined) {
      count = { value: 0, attributes: Object.fromEntries(labelNames.map((label, i) => [label, labelValues[i] ?? ''])) }
      counts.set(key, count)
    }
    return count
  }
  if (labelNames.length === 0) countOf([])
  return (amount, ...labelValues) => {
    countOf(labelValues).value += amount
  }
}
