/** The metric type StateSet: a sample per listed state, 1 for the one that a path finds. */

import type { StateSetDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { eachElement, placeOf, readOwnLabels, setOwnLabels } from './each.ts'
import type { Levels } from './each-path.ts'
import { compileElementExpressions, compileElementPath, rootPathsOf } from './element-expressions.ts'
import { describeType } from './json-value.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileStateSet(declared: StateSetDeclaration): Each {
  const path = compileElementPath(declared)
  const expressions = compileElementExpressions(declared, path)
  const valueFrom = compilePath(declared.valueFrom)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const { list, labelName } = declared

  const readValue = (value: unknown, sink: SampleSink, levels: Levels, index?: number) => {
    const state = valueFrom.get(value)
    if (state == null || !expressions.select(value, sink, levels, index)) return
    if (typeof state !== 'string') {
      sink.fail(placeOf(path, levels, index), `expected a text that names a state, got ${describeType(state)}`)
      return
    }
    const ownLabels = expressions.labels(sink)
    if (ownLabels === undefined) return
    sink.labels.beginSample()
    readOwnLabels(labels, value, sink.labels, levels)
    setOwnLabels(ownLabels, sink.labels)
    const isOwn = sink.labels.has(labelName)
    for (const listed of list) {
      if (!isOwn) sink.labels.set(labelName, listed)
      sink.emit(listed === state ? 1 : 0)
    }
  }

  return {
    rootPaths: rootPathsOf(path, expressions, [...labels.paths, valueFrom]),
    read(object, sink) {
      expressions.begin(object)
      const isThere = path.visit(object, (value, levels) =>
        eachElement(path, value, (element, index) => readValue(element, sink, levels, index)),
      )
      if (!isThere) sink.miss(path.root)
    },
  }
}
