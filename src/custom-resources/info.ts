/** The metric type Info: value 1 and labels, for what a path finds and for each entry of the list or object there. */

import type { InfoDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { readOwnLabels } from './each.ts'
import { isList, isMap } from './json-value.ts'
import { compilePath } from './path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileInfo(declared: InfoDeclaration): Each {
  const path = compilePath(declared.path)
  const labels = compilePathLabels(declared.labelsFromPath)
  const { labelFromKey } = declared

  /** A sample without a label of its own is none. */
  const readValue = (value: unknown, sink: SampleSink, key = '') => {
    sink.labels.beginSample()
    if (key !== '' && labelFromKey !== '') sink.labels.set(labelFromKey, key)
    readOwnLabels(labels, value, sink.labels)
    if (sink.labels.hasOwn) sink.emit(1)
  }

  return {
    rootPaths: [path],
    read(object, sink) {
      const value = path.get(object)
      if (value == null) sink.miss(path)
      else if (isList(value)) for (const element of value) readValue(element, sink)
      else {
        readValue(value, sink)
        if (isMap(value)) for (const key of Object.keys(value)) readValue(value[key], sink, key)
      }
    },
  }
}
