/**
 * The samples of one metric of a ResourceMetricsMonitor. A label that resolves to a list makes one sample for each of its
 * elements, and a value that resolves to a list is taken element by element beside them.
 */

import { parseGoFloat } from '../../families/parse-go-float.ts'
import type { ResolvedDeclaration } from '../configuration.ts'
import type { Each, SampleSink } from '../each.ts'
import type { ResolvedTexts } from '../expression.ts'
import { Budget } from '../expression-budget.ts'
import { ExpressionError } from '../expression-error.ts'
import type { Resolvable } from './resolvable.ts'

/** The labels of one object: those of all its samples, and those with a text for each. */
interface FoundLabels {
  readonly single: (readonly [name: string, text: string])[]
  readonly listed: (readonly [name: string, texts: readonly string[]])[]
}

export function compileResolvedSamples({ value, labels }: ResolvedDeclaration): Each {
  const budget = new Budget()
  const named = labels.map(([name, resolvable]) => ({ name: labelNameOf(name), written: name, resolvable }))

  const findLabels = (object: unknown, sink: SampleSink): FoundLabels | undefined => {
    const found: FoundLabels = { single: [], listed: [] }
    for (const { name, written, resolvable } of named) {
      const texts = attempt(`label ${written}`, resolvable, object, budget, sink)
      if (texts === failed) return undefined
      if (texts === undefined) continue
      if (typeof texts === 'string') found.single.push([name, texts])
      else if (isList(texts)) found.listed.push([name, texts])
      else for (const [key, text] of texts) found.single.push([nameOfMember(written, key), text])
    }
    return found
  }
  return {
    rootPaths: [value, ...labels.map(([, resolvable]) => resolvable)].flatMap(({ paths }) => paths),
    read(object, sink) {
      budget.renew()
      const found = attempt('value', value, object, budget, sink)
      if (found === failed) return
      if (found === undefined) {
        const [path] = value.paths
        if (path !== undefined) sink.miss({ ...path, get: () => undefined })
        return
      }
      if (typeof found !== 'string' && !isList(found)) return sink.fail(value.text, 'expected a number, got a map')
      const ofObject = findLabels(object, sink)
      if (ofObject !== undefined) emitSamples(value.text, found, ofObject, sink)
    },
  }
}

function emitSamples(place: string, value: string | readonly string[], labels: FoundLabels, sink: SampleSink): void {
  const lengths = labels.listed.map(([, texts]) => texts.length)
  const count = lengths.length > 0 ? Math.max(...lengths) : typeof value === 'string' ? 1 : value.length
  if (typeof value !== 'string' && value.length === 0) return
  for (let i = 0; i < count; i++) {
    const text = typeof value === 'string' ? value : (value[i] ?? '')
    const number = parseGoFloat(text)
    if (number === undefined) {
      sink.fail(place, `expected a number, got ${JSON.stringify(text.slice(0, 100))}`)
      continue
    }
    sink.labels.beginSample()
    for (const [name, single] of labels.single) sink.labels.set(name, single)
    for (const [name, texts] of labels.listed) if (texts[i] !== undefined) sink.labels.set(name, texts[i] as string)
    sink.emit(number)
  }
}

/** What stands in place of a result that failed. */
const failed = Symbol('failed')

function attempt(
  what: string,
  resolvable: Resolvable,
  object: unknown,
  budget: Budget,
  sink: SampleSink,
): ResolvedTexts | undefined | typeof failed {
  try {
    return resolvable.resolve(object, budget)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    sink.fail(resolvable.text, `${what}: ${error.message}`)
    return failed
  }
}

const isList = (texts: ResolvedTexts): texts is readonly string[] => Array.isArray(texts)

/** A label whose name begins with an underscore stands for the members of a map, under their own names. */
function nameOfMember(label: string, key: string): string {
  return labelNameOf(label.startsWith('_') ? key : label + key)
}

/** Words in camel case, and digits, are set apart by underscores: `environmentType` is `environment_type`. */
export function labelNameOf(name: string): string {
  const boundaries = /(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])|(?<=[A-Z])(?=[A-Z][a-z])/g
  return name.replaceAll(/\W/g, '_').replaceAll(boundaries, '_').toLowerCase()
}
