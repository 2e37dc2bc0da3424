/** One rule of the configuration, compiled: what it yields for an object, and a record of what it has yielded so far. */

import type { ObserveFree } from '../families/family.ts'
import { compileAggregate } from './aggregate.ts'
import type { RuleDeclaration } from './configuration.ts'
import type { Each, SampleSink } from './each.ts'
import { compileGauge } from './gauge.ts'
import { compileInfo } from './info.ts'
import { explainMissing } from './missing-path.ts'
import type { ObjectLabels } from './object-labels.ts'
import type { Path, PathParts } from './path.ts'
import { describePath } from './path.ts'
import { SampleLabels } from './sample-labels.ts'
import { compileStateSet } from './state-set.ts'

/** What went wrong last. */
export interface RuleError {
  /** `namespace/name`, or the name. */
  readonly object: string
  readonly path: string
  readonly reason: string
}

/** What a rule has done since the start; it grows while objects are observed. */
export interface RuleRecord {
  /** Objects looked at, each time they changed. */
  objects: number
  samples: number
  /** Values that did not convert. */
  errors: number
  /** Objects that have nothing at the rule's path. */
  missing: number
  lastError: RuleError | undefined
  /** A path that an object did not have, and what it has at the last place that exists. */
  lastMissing: RuleError | undefined
}

/** A rule for one kind. */
export interface CompiledRule {
  /** Every path from the object's root on. */
  readonly rootPaths: readonly PathParts[]
  observe(object: unknown, name: string, observe: ObserveFree): void
}

export function createRuleRecord(): RuleRecord {
  return { objects: 0, samples: 0, errors: 0, missing: 0, lastError: undefined, lastMissing: undefined }
}

/** Compiles a rule; `labels` are those of every sample. Throws PathError. */
export function compileRule(declared: RuleDeclaration, labels: ObjectLabels, record: RuleRecord): CompiledRule {
  const each = compileEach(declared)
  const sink = new RuleSink(record, labels)
  return {
    rootPaths: [...each.rootPaths, ...labels.paths],
    observe(object, name, observe) {
      record.objects++
      const before = record.samples
      sink.begin(object, name, observe)
      try {
        labels.begin(object)
        each.read(object, sink)
      } catch (error) {
        // The caller drops what was observed, and reports that its family failed.
        record.samples = before
        sink.fail(describePath(pathOf(declared)), error instanceof Error ? error.message : String(error))
        throw error
      }
    },
  }
}

const pathOf = ({ each }: RuleDeclaration) =>
  each.type === 'gauge' && each.resolved !== undefined ? [each.resolved.value.text] : each.path

function compileEach({ each }: RuleDeclaration): Each {
  switch (each.type) {
    case 'gauge':
      return each.aggregate === undefined ? compileGauge(each) : compileAggregate(each, each.aggregate)
    case 'info':
      return compileInfo(each)
    case 'stateset':
      return compileStateSet(each)
  }
}

class RuleSink implements SampleSink {
  readonly labels: SampleLabels
  readonly #record: RuleRecord
  #object: unknown
  #name = ''
  #observe: ObserveFree = () => {}

  constructor(record: RuleRecord, labels: ObjectLabels) {
    this.#record = record
    this.labels = new SampleLabels(labels)
  }

  begin(object: unknown, name: string, observe: ObserveFree): void {
    this.#object = object
    this.#name = name
    this.#observe = observe
  }

  emit(value: number): void {
    this.#record.samples++
    this.labels.observe(value, this.#observe)
  }

  fail(path: string, reason: string): void {
    this.#record.errors++
    this.#record.lastError = this.#describe(path, reason)
  }

  exclude(place: string): void {
    if (this.#record.samples > 0) return
    this.#record.lastMissing = this.#describe(place, 'where is false')
  }

  miss(path: Path): void {
    const record = this.#record
    record.missing++
    // Of a rule that works, what some objects lack is no news: only the others pay for an explanation.
    if (record.samples > 0) return
    const reason = explainMissing(this.#object, path.parts)
    record.lastMissing = this.#describe(describePath(path.parts), reason)
  }

  #describe(path: string, reason: string): RuleError {
    return { object: this.#name, path: shortened(path), reason: shortened(reason) }
  }
}

/** Keys and values of objects may be of any length; what describes them is logged, and a label of a self-metric. */
const maxDescription = 500

/** A copy, since a part of a text keeps all of it in memory. */
function shortened(text: string): string {
  return text.length <= maxDescription ? text : `${Buffer.from(text.slice(0, maxDescription)).toString()}…`
}
