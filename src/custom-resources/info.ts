/** The metric type Info: value 1 and labels, for what a path finds and for each entry of the list or object there. */

import type { InfoDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { eachElement, hasEntries, readOwnLabels } from './each.ts'
import type { Levels } from './each-path.ts'
import { compileEachPath } from './each-path.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileInfo(declared: InfoDeclaration): Each {
  const path = compileEachPath(declared.path)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const { labelFromKey } = declared

  /** A sample without a label of its own is none. */
  const readValue = (value: unknown, sink: SampleSink, levels: Levels, key = '') => {
    sink.labels.beginSample()
    if (key !== '' && labelFromKey !== '') sink.labels.set(labelFromKey, key)
    readOwnLabels(labels, value, sink.labels, levels)
    if (sink.labels.hasOwn) sink.emit(1)
  }
  const keyOf = ({ keys }: Levels) => (path.findsElements ? String(keys[path.levelNames.length - 1]) : '')

  return {
    rootPaths: [path.root],
    read(object, sink) {
      const isThere = path.visit(object, (value, levels) => {
        if (value == null) return
        eachElement(path, value, (element) => readValue(element, sink, levels, keyOf(levels)))
        if (!hasEntries(path, value)) return
        for (const key of Object.keys(value)) readValue(value[key], sink, levels, key)
      })
      if (!isThere) sink.miss(path.root)
    },
  }
}
