/** The metric type StateSet: a sample per listed state, 1 for the one that a path finds. */

import type { StateSetDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { placeOf, readOwnLabels } from './each.ts'
import { describeType, isList } from './json-value.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileStateSet(declared: StateSetDeclaration): Each {
  const path = compilePath(declared.path)
  const valueFrom = compilePath(declared.valueFrom)
  const labels = compilePathLabels(declared.labelsFromPath)
  const { list, labelName } = declared

  const readValue = (value: unknown, sink: SampleSink, index?: number) => {
    const state = valueFrom.get(value)
    if (state == null) return
    if (typeof state !== 'string') {
      sink.fail(placeOf(path, index), `expected a text that names a state, got ${describeType(state)}`)
      return
    }
    for (const listed of list) {
      sink.labels.beginSample()
      sink.labels.set(labelName, listed)
      readOwnLabels(labels, value, sink.labels)
      sink.emit(listed === state ? 1 : 0)
    }
  }

  return {
    rootPaths: [path],
    read(object, sink) {
      const value = path.get(object)
      if (value == null) sink.miss(path)
      else if (isList(value)) for (const [index, element] of value.entries()) readValue(element, sink, index)
      else readValue(value, sink)
    },
  }
}
