/** The metric type Info: value 1 and labels, for what a path finds and for each entry of the list or object there. */

import type { InfoDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { eachElement, hasEntries, readOwnLabels, setOwnLabels } from './each.ts'
import type { Levels } from './each-path.ts'
import { compileElementExpressions, compileElementPath, rootPathsOf } from './element-expressions.ts'
import { compilePathLabels } from './path-labels.ts'

/** Throws PathError. */
export function compileInfo(declared: InfoDeclaration): Each {
  const path = compileElementPath(declared)
  const expressions = compileElementExpressions(declared, path)
  const labels = compilePathLabels(declared.labelsFromPath, path.levelNames)
  const { labelFromKey } = declared

  // Without expressions an object and its entries are samples if they have labels. Expressions are about one of the two.
  const takes = declared.expressions === undefined ? 'both' : labelFromKey === '' ? 'object' : 'entries'

  /** A sample without a label of its own is none. */
  const readValue = (value: unknown, sink: SampleSink, levels: Levels, index?: string | number, key = '') => {
    if (!expressions.select(value, sink, levels, index)) return
    const ownLabels = expressions.labels(sink)
    if (ownLabels === undefined) return
    sink.labels.beginSample()
    if (key !== '' && labelFromKey !== '') sink.labels.set(labelFromKey, key)
    readOwnLabels(labels, value, sink.labels, levels)
    setOwnLabels(ownLabels, sink.labels)
    if (sink.labels.hasOwn) sink.emit(1)
  }
  const keyOf = ({ keys }: Levels) => {
    const key = path.findsElements ? keys[path.levelNames.length - 1] : undefined
    return key === undefined ? '' : String(key)
  }

  return {
    rootPaths: rootPathsOf(path, expressions, labels.paths),
    read(object, sink) {
      expressions.begin(object)
      const isThere = path.visit(object, (value, levels) => {
        if (value == null) return
        const entriesCount = hasEntries(path, value)
        if (!(entriesCount && takes === 'entries')) {
          eachElement(path, value, (element, index) => readValue(element, sink, levels, index, keyOf(levels)))
        }
        if (!entriesCount || takes === 'object') return
        for (const key of Object.keys(value)) readValue(value[key], sink, levels, key, key)
      })
      if (!isThere) sink.miss(path.root)
    },
  }
}
