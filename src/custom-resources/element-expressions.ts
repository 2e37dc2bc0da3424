/** The expressions of a rule, for one element after the other. */

import type { EachDeclaration, ExpressionsDeclaration } from './configuration.ts'
import type { SampleSink } from './each.ts'
import { placeOf } from './each.ts'
import type { EachPath, Levels } from './each-path.ts'
import { compileEachPath } from './each-path.ts'
import type { Expression, ReadTree, Variables } from './expression.ts'
import { mergeReads, pathsOfReads } from './expression.ts'
import { Budget } from './expression-budget.ts'
import { ExpressionError } from './expression-error.ts'
import { toCelValue } from './expression-values.ts'
import type { PathParts } from './path.ts'

type OwnLabel = readonly [name: string, value: string]

/** Evaluates the expressions of a rule. What fails is noted, with the place of the element. */
export interface ElementExpressions {
  /** The paths that are read from the object's root on. */
  readonly rootPaths: readonly PathParts[]
  readonly hasValue: boolean
  /** Begins the next object. */
  begin(object: unknown): void
  /** Takes the next element; false if it is no sample. `key` is its key or index within what the path has found. */
  select(element: unknown, sink: SampleSink, levels: Levels, key?: string | number): boolean
  /** The value of the selected element; undefined if there is none. */
  value(sink: SampleSink): number | undefined
  /** The labels of the selected element; undefined if one failed, so that the element must not be a sample. */
  labels(sink: SampleSink): readonly OwnLabel[] | undefined
}

const none: ElementExpressions = {
  rootPaths: [],
  hasValue: false,
  begin: () => {},
  select: () => true,
  value: () => undefined,
  labels: () => [],
}

/** The path of a metric. Without a path, expressions are about the object itself. Throws PathError. */
export function compileElementPath({ path: parts, expressions }: EachDeclaration): EachPath {
  const path = compileEachPath(parts)
  return expressions !== undefined && parts.length === 0 ? { ...path, findsElements: true } : path
}

/**
 * All paths from the root on. `within` are those that begin at elements: a rule without a path reads them of the object,
 * another one reads all that its path finds.
 */
export function rootPathsOf(
  path: EachPath,
  expressions: ElementExpressions,
  within: readonly PathParts[],
): readonly PathParts[] {
  const isObject = path.parts.length === 0 && path.findsElements
  return [...(isObject ? within : [path.root]), ...expressions.rootPaths]
}

/** The expressions of a metric; of one without expressions, every element is a sample. */
export function compileElementExpressions({ expressions }: EachDeclaration, path: EachPath): ElementExpressions {
  return expressions === undefined ? none : new CompiledExpressions(expressions, path)
}

class CompiledExpressions implements ElementExpressions {
  readonly rootPaths: readonly PathParts[]
  readonly hasValue: boolean
  readonly #declared: ExpressionsDeclaration
  readonly #path: EachPath
  readonly #objectReads: ReadTree | undefined
  readonly #elementReads: ReadTree | undefined
  readonly #budget = new Budget()
  #raw: unknown
  /** The object as CEL takes it; undefined until an element asks for it. */
  #object: unknown
  #variables: Variables = { object: null, element: null, key: null }
  #place: () => string = () => ''

  constructor(declared: ExpressionsDeclaration, path: EachPath) {
    const { where, value, labels } = declared
    const all = [where, value, ...labels.values()].filter((expression) => expression !== undefined)
    const readsOf = (name: 'object' | 'element') =>
      all.map(({ reads }) => reads[name]).reduce<ReadTree | undefined>(mergeReads, undefined)
    this.#declared = declared
    this.#path = path
    this.#objectReads = readsOf('object')
    this.#elementReads = readsOf('element')
    this.hasValue = value !== undefined
    const elementPaths = path.parts.length === 0 ? pathsOfReads(this.#elementReads) : []
    this.rootPaths = [...pathsOfReads(this.#objectReads), ...elementPaths].map((parts) => ({ parts }))
  }

  begin(object: unknown): void {
    this.#raw = object
    this.#object = undefined
    this.#budget.renew()
  }

  select(element: unknown, sink: SampleSink, levels: Levels, key?: string | number): boolean {
    this.#place = () => placeOf(this.#path, levels, key)
    const { where } = this.#declared
    const isTaken = this.#attempt('', sink, () => this.#take(element, key ?? this.#keyOf(levels)))
    if (isTaken !== true) return false
    if (where === undefined) return true
    const isSample = this.#evaluate('where', where, sink)
    if (isSample === false) sink.exclude(this.#place())
    return isSample === true
  }

  value(sink: SampleSink): number | undefined {
    const { value } = this.#declared
    const number = value && this.#evaluate('valueExpression', value, sink)
    return typeof number === 'number' ? number : undefined
  }

  labels(sink: SampleSink): readonly OwnLabel[] | undefined {
    const labels: OwnLabel[] = []
    for (const [name, expression] of this.#declared.labels) {
      const text = this.#evaluate(`labelExpressions.${name}`, expression, sink)
      if (text === failed) return undefined
      if (text !== undefined) labels.push([name, String(text)])
    }
    return labels
  }

  #keyOf({ keys }: Levels): string | number | undefined {
    return this.#path.findsElements ? keys[this.#path.levelNames.length - 1] : undefined
  }

  #take(element: unknown, key: string | number | undefined): true {
    const [objectReads, elementReads] = [this.#objectReads, this.#elementReads]
    if (objectReads !== undefined) this.#object ??= toCelValue(this.#raw, objectReads, this.#budget)
    this.#variables = {
      object: this.#object ?? null,
      element: elementReads === undefined ? null : toCelValue(element, elementReads, this.#budget),
      key: typeof key === 'number' ? BigInt(key) : (key ?? null),
    }
    return true
  }

  #evaluate(name: string, expression: Expression, sink: SampleSink) {
    return this.#attempt(`${name}: `, sink, () => expression.evaluate(this.#variables, this.#budget))
  }

  #attempt<T>(prefix: string, sink: SampleSink, action: () => T): T | typeof failed {
    try {
      return action()
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      sink.fail(this.#place(), `${prefix}${error.message}`)
      return failed
    }
  }
}

/** What stands in place of a result that failed. */
const failed = Symbol('failed')
