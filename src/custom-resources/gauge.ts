/** The metric type Gauge: a number for what a path finds, or for each entry of the list or object there. */

import type { GaugeDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { placeOf, readOwnLabels } from './each.ts'
import type { JsonMap } from './json-value.ts'
import { describeType, isList, isMap } from './json-value.ts'
import { toNumber } from './number-conversion.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileGauge(declared: GaugeDeclaration): Each {
  const path = compilePath(declared.path)
  const valueFrom = compilePath(declared.valueFrom)
  const labels = compilePathLabels(declared.labelsFromPath)
  const { nilIsZero, labelFromKey } = declared
  /** A path of one part that names a key of the object at `path` takes that key's own value. */
  const ownKey = valueFrom.parts.length === 1 ? valueFrom.parts[0] : undefined

  /** The number in an element; undefined, and an error or nothing noted, when there is none. */
  const numberIn = (element: unknown, sink: SampleSink, key?: string | number): number | undefined => {
    const found = valueFrom.get(element)
    if (found == null) return nilIsZero ? 0 : undefined
    return convert(found, sink, key)
  }
  const convert = (found: unknown, sink: SampleSink, key?: string | number): number | undefined => {
    if (found == null && nilIsZero) return 0
    const number = toNumber(found)
    if (number === undefined) sink.fail(placeOf(path, key), describeFailure(found))
    return number
  }
  const readEntries = (map: JsonMap, sink: SampleSink) => {
    for (const key of Object.keys(map)) {
      const entry = map[key]
      const number = key === ownKey ? convert(entry, sink, key) : numberIn(entry, sink, key)
      if (number === undefined) continue
      sink.labels.beginSample()
      if (key !== '' && labelFromKey !== '') sink.labels.set(labelFromKey, key)
      readOwnLabels(labels, entry, sink.labels)
      readOwnLabels(labels, map, sink.labels)
      sink.emit(number)
    }
  }
  const readElement = (element: unknown, sink: SampleSink, index?: number) => {
    const number = numberIn(element, sink, index)
    if (number === undefined) return
    sink.labels.beginSample()
    readOwnLabels(labels, element, sink.labels)
    sink.emit(number)
  }

  return {
    rootPaths: [path],
    read(object, sink) {
      const value = path.get(object)
      if (value == null && !nilIsZero) sink.miss(path)
      else if (isMap(value)) readEntries(value, sink)
      else if (isList(value)) for (const [index, element] of value.entries()) readElement(element, sink, index)
      else readElement(value, sink)
    },
  }
}

function describeFailure(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : describeType(value)
  return `expected a number, a boolean, a time, a quantity or a percentage, got ${shown}`
}
