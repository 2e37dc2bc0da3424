/** Gauges with `aggregate`: one number for all elements that a path finds, or for each set of labels found in them. */

import type { AggregateName, GaugeDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import type { Levels } from './each-path.ts'
import { compileElementExpressions, compileElementPath, rootPathsOf } from './element-expressions.ts'
import { compileNumbers } from './gauge.ts'
import { isList, isMap } from './json-value.ts'
import { compilePathLabels } from './path-labels.ts'

const steps: Readonly<Record<AggregateName, (sum: number, value: number) => number>> = {
  count: (count) => count + 1,
  sum: (sum, value) => sum + value,
  min: Math.min,
  max: Math.max,
}

const starts: Readonly<Record<AggregateName, number>> = { count: 0, sum: 0, min: Infinity, max: -Infinity }

interface Group {
  /** By name; a later one replaces that of the same name. */
  readonly labels: ReadonlyMap<string, string>
  value: number
}

/** Throws PathError. */
export function compileAggregate(declared: GaugeDeclaration, aggregate: AggregateName): Each {
  const path = compileElementPath(declared)
  const expressions = compileElementExpressions(declared, path)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const numbers = compileNumbers(declared, path, expressions)
  const { labelFromKey, valueFrom, nilIsZero } = declared
  const step = steps[aggregate]
  const hasGroups = !labels.isEmpty || labelFromKey !== '' || (declared.expressions?.labels.size ?? 0) > 0

  /** What an element adds; a count takes those that have a value, if it is said where. */
  const contribution = (
    element: unknown,
    sink: SampleSink,
    levels: Levels,
    key?: string | number,
  ): number | undefined => {
    if (aggregate === 'count') return valueFrom.length === 0 || numbers.isIn(element) ? 1 : undefined
    return numbers.of(element, sink, levels, key)
  }
  const collect = (object: unknown, sink: SampleSink, groups: Map<string, Group>): boolean =>
    path.visit(object, (found, levels) => {
      const elements = elementsOf(found, path.findsElements, levels.keys[path.levelNames.length - 1])
      for (const [key, element] of elements) {
        if (!expressions.select(element, sink, levels, key)) continue
        const value = contribution(element, sink, levels, key)
        const ownLabels = value === undefined ? undefined : expressions.labels(sink)
        if (value === undefined || ownLabels === undefined) continue
        const own = new Map<string, string>()
        if (labelFromKey !== '' && key !== undefined) own.set(labelFromKey, String(key))
        labels.read(element, (name, text) => own.set(name, text), levels)
        for (const [name, text] of ownLabels) own.set(name, text)
        const id = JSON.stringify([...own])
        const group = groups.get(id) ?? { labels: own, value: starts[aggregate] }
        group.value = step(group.value, value)
        groups.set(id, group)
      }
    })
  return {
    rootPaths: rootPathsOf(path, expressions, [...labels.paths, ...numbers.paths]),
    read(object, sink) {
      expressions.begin(object)
      const groups = new Map<string, Group>()
      const isThere = collect(object, sink, groups)
      if (!isThere && !nilIsZero) {
        sink.miss(path.root)
        return
      }
      // Nothing to count is 0; there is no smallest of nothing, and no labels to group by.
      const isZero = groups.size === 0 && !hasGroups && (aggregate === 'count' || aggregate === 'sum')
      if (isZero) groups.set('', { labels: new Map(), value: 0 })
      for (const { labels: own, value } of groups.values()) {
        sink.labels.beginSample()
        for (const [key, text] of own) sink.labels.set(key, text)
        sink.emit(value)
      }
    },
  }
}

/** Elements with their keys or indices. What a level has found is one element; so is a value that has none. */
function elementsOf(
  found: unknown,
  isElement: boolean,
  key: string | number | undefined,
): Iterable<readonly [string | number | undefined, unknown]> {
  if (isElement) return [[key, found]]
  if (isList(found)) return found.entries()
  if (isMap(found)) return Object.entries(found)
  return found == null ? [] : [[undefined, found]]
}
