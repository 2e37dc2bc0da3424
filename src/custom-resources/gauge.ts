/** The metric type Gauge: a number for what a path finds, or for each entry of the list or object there. */

import type { GaugeDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { eachElement, hasEntries, placeOf, readOwnLabels, setOwnLabels } from './each.ts'
import type { EachPath, Levels } from './each-path.ts'
import type { ElementExpressions } from './element-expressions.ts'
import { compileElementExpressions, compileElementPath, rootPathsOf } from './element-expressions.ts'
import { describeType } from './json-value.ts'
import { compileResolvedSamples } from './monitors/resolved-samples.ts'
import { conversions, conversionTexts } from './named-conversion.ts'
import { toNumber } from './number-conversion.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

const noLevels: Levels = { elements: [], keys: [] }

/** Throws PathError. */
export function compileGauge(declared: GaugeDeclaration): Each {
  if (declared.resolved !== undefined) return compileResolvedSamples(declared.resolved)
  const path = compileElementPath(declared)
  const expressions = compileElementExpressions(declared, path)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const { nilIsZero, labelFromKey } = declared
  const numbers = compileNumbers(declared, path, expressions)

  const readEntries = (map: Readonly<Record<string, unknown>>, sink: SampleSink, levels: Levels) => {
    for (const key of Object.keys(map)) {
      const entry = map[key]
      if (!expressions.select(entry, sink, levels, key)) continue
      const number =
        key === numbers.ownKey ? numbers.convert(entry, sink, levels, key) : numbers.of(entry, sink, levels, key)
      const ownLabels = number === undefined ? undefined : expressions.labels(sink)
      if (number === undefined || ownLabels === undefined) continue
      sink.labels.beginSample()
      if (key !== '' && labelFromKey !== '') sink.labels.set(labelFromKey, key)
      readOwnLabels(labels, entry, sink.labels, levels)
      readOwnLabels(labels, map, sink.labels, levels)
      setOwnLabels(ownLabels, sink.labels)
      sink.emit(number)
    }
  }
  const readElement = (element: unknown, sink: SampleSink, levels: Levels, index?: number) => {
    if (!expressions.select(element, sink, levels, index)) return
    const number = numbers.of(element, sink, levels, index)
    const ownLabels = number === undefined ? undefined : expressions.labels(sink)
    if (number === undefined || ownLabels === undefined) return
    sink.labels.beginSample()
    const key = levels.keys[path.levelNames.length - 1]
    if (path.findsElements && key !== undefined && labelFromKey !== '') sink.labels.set(labelFromKey, String(key))
    readOwnLabels(labels, element, sink.labels, levels)
    setOwnLabels(ownLabels, sink.labels)
    sink.emit(number)
  }

  return {
    rootPaths: rootPathsOf(path, expressions, [...labels.paths, ...numbers.paths]),
    read(object, sink) {
      expressions.begin(object)
      const isThere = path.visit(object, (value, levels) => {
        if (hasEntries(path, value)) readEntries(value, sink, levels)
        else eachElement(path, value, (element, index) => readElement(element, sink, levels, index))
      })
      if (isThere) return
      if (nilIsZero && path.levelNames.length === 0) readElement(undefined, sink, noLevels)
      else sink.miss(path.root)
    },
  }
}

/** How numbers are found in elements, and errors noted. */
export function compileNumbers(
  { valueFrom, nilIsZero, convert: name }: GaugeDeclaration,
  path: EachPath,
  expressions: ElementExpressions,
) {
  const within = compilePath(valueFrom)
  const toValue = name === undefined ? toNumber : conversions[name]
  const convert = (found: unknown, sink: SampleSink, levels: Levels, key?: string | number): number | undefined => {
    if (found == null && nilIsZero) return 0
    const number = toValue(found)
    if (number === undefined) sink.fail(placeOf(path, levels, key), describeFailure(found, name))
    return number
  }
  return {
    /** Where numbers stand in elements. */
    paths: valueFrom.length === 0 ? [] : [within],
    /** A path of one part that names a key of the object at `path` takes that key's own value. */
    ownKey: valueFrom.length === 1 ? valueFrom[0] : undefined,
    convert,
    /** The number in an element that expressions have selected; undefined when there is none, which is noted unless nothing is there. */
    of(element: unknown, sink: SampleSink, levels: Levels, key?: string | number): number | undefined {
      if (expressions.hasValue) return expressions.value(sink)
      const found = within.get(element)
      if (found == null) return nilIsZero ? 0 : undefined
      return convert(found, sink, levels, key)
    },
    /** Whether an element has anything where its number should be. */
    isIn: (element: unknown): boolean => within.get(element) != null,
  }
}

function describeFailure(value: unknown, name: GaugeDeclaration['convert']): string {
  const expected =
    name === undefined ? 'a number, a boolean, a time, a quantity or a percentage' : conversionTexts[name]
  return `expected ${expected}, got ${typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : describeType(value)}`
}
