/** How the cost of series differs between two configurations. */

import type { Cardinality } from '../../survey/cardinality.ts'

/** One cost in both configurations; 0 where it is missing. */
export interface CostChange {
  readonly name: string
  readonly before: number
  readonly after: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

export interface CardinalityDifference {
  readonly total: CostChange
  /** Of each only what differs, beginning with the largest change. */
  readonly resources: readonly CostChange[]
  readonly families: readonly CostChange[]
  readonly labels: readonly CostChange[]
  readonly namespaces: readonly CostChange[]
}

interface Cost {
  readonly series: number
  readonly bytes: number
}

/** Labels are compared by the series that have them. */
export function compareCardinality(before: Cardinality, after: Cardinality): CardinalityDifference {
  const [total] = changesOf([before.total], [after.total], () => 'all', true)
  return {
    total: total as CostChange,
    resources: changesOf(before.resources, after.resources, ({ resource }) => resource),
    families: changesOf(before.families, after.families, ({ family }) => family),
    labels: changesOf(before.labels, after.labels, ({ label }) => label),
    namespaces: changesOf(before.namespaces, after.namespaces, ({ namespace }) => namespace),
  }
}

function changesOf<C extends Cost>(
  before: readonly C[],
  after: readonly C[],
  nameOf: (cost: C) => string,
  withUnchanged = false,
): CostChange[] {
  const byName = (costs: readonly C[]) => new Map(costs.map((cost) => [nameOf(cost), cost]))
  const [old, now] = [byName(before), byName(after)]
  const none: Cost = { series: 0, bytes: 0 }
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name): CostChange => {
      const [from, to] = [old.get(name) ?? none, now.get(name) ?? none]
      return { name, before: from.series, after: to.series, bytesBefore: from.bytes, bytesAfter: to.bytes }
    })
    .filter((change) => withUnchanged || change.before !== change.after || change.bytesBefore !== change.bytesAfter)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || byteChange(b) - byteChange(a))
}

const byteChange = ({ bytesBefore, bytesAfter }: CostChange) => Math.abs(bytesAfter - bytesBefore)
