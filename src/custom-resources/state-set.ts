/** The metric type StateSet: a sample per listed state, 1 for the one that a path finds. */

import type { StateSetDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { eachElement, placeOf, readOwnLabels } from './each.ts'
import type { Levels } from './each-path.ts'
import { compileEachPath } from './each-path.ts'
import { describeType } from './json-value.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileStateSet(declared: StateSetDeclaration): Each {
  const path = compileEachPath(declared.path)
  const valueFrom = compilePath(declared.valueFrom)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const { list, labelName } = declared

  const readValue = (value: unknown, sink: SampleSink, levels: Levels, index?: number) => {
    const state = valueFrom.get(value)
    if (state == null) return
    if (typeof state !== 'string') {
      sink.fail(placeOf(path, levels, index), `expected a text that names a state, got ${describeType(state)}`)
      return
    }
    for (const listed of list) {
      sink.labels.beginSample()
      sink.labels.set(labelName, listed)
      readOwnLabels(labels, value, sink.labels, levels)
      sink.emit(listed === state ? 1 : 0)
    }
  }

  return {
    rootPaths: [path.root],
    read(object, sink) {
      const isThere = path.visit(object, (value, levels) =>
        eachElement(path, value, (element, index) => readValue(element, sink, levels, index)),
      )
      if (!isThere) sink.miss(path.root)
    },
  }
}
