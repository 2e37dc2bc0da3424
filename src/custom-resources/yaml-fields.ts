/** Reads YAML nodes with their positions. Every mismatch becomes a problem with what was expected. */

import type { Document, Pair, Scalar } from 'yaml'
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter } from 'yaml'
import { didYouMean } from '../config/suggestion.ts'
import type { ConfigurationProblem, Position } from './configuration.ts'
import { YamlDocument } from './yaml-document.ts'

type Severity = ConfigurationProblem['severity']

/** One document that is being read, and what was wrong with it so far. */
export class YamlReading {
  readonly problems: ConfigurationProblem[] = []
  readonly #source: string
  readonly #lines: LineCounter
  readonly #linesBefore: number
  #document: YamlDocument | undefined

  /** `linesBefore` are those before the document, where it is part of another one. */
  constructor(source: string, lines = new LineCounter(), linesBefore = 0) {
    this.#source = source
    this.#lines = lines
    this.#linesBefore = linesBefore
  }

  /** Begins a document; `what` is what messages call it. False, and reported, if it is not valid YAML. */
  begin(document: Document.Parsed, what = ''): boolean {
    for (const { pos, message } of document.errors) {
      this.report(this.positionAt(pos[0]), undefined, `${what}not valid YAML: ${message.split('\n')[0]}`)
    }
    if (document.errors.length > 0) return false
    this.#document = new YamlDocument(document, (node, message) =>
      this.report(this.positionOf(node), undefined, `${what}${message}`),
    )
    return this.problems.length === 0
  }

  positionAt(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line) + this.#linesBefore, column: Math.max(1, col) }
  }

  positionOf(node: unknown): Position {
    const range = (node as { range?: readonly [number, number, number] | null } | undefined)?.range
    return this.positionAt(range?.[0] ?? 0)
  }

  report(position: Position, rule: string | undefined, message: string, severity: Severity = 'error'): void {
    if (this.#document?.isExhausted) return
    const { line, column } = position
    this.problems.push({ source: this.#source, line, column, rule, message, severity })
  }

  /** The node behind an alias; undefined for null and nothing. */
  resolve(node: unknown): unknown {
    const target = isAlias(node) ? this.#document?.resolve(node) : node
    return target === null || (isScalar(target) && target.value === null) ? undefined : target
  }
}

/** The fields of one mapping, read by name; `finish` reports unknown fields. */
export class YamlFields {
  readonly position: Position
  /** False for a node that is not there, or that is something else and was reported as such. */
  readonly isMapping: boolean
  /** What the fields belong to, in messages. */
  rule: string | undefined
  readonly #reading: YamlReading
  readonly #pairs = new Map<string, Pair>()
  readonly #asked = new Set<string>()

  /** A node that is no mapping is reported, and read as one without fields. `what` says what is expected. */
  constructor(reading: YamlReading, node: unknown, what: string, rule: string | undefined, parent?: Position) {
    this.#reading = reading
    this.rule = rule
    const target = reading.resolve(node)
    const isWritten = isNode(target ?? node)
    this.position = isWritten ? reading.positionOf(target ?? node) : (parent ?? { line: 1, column: 1 })
    this.isMapping = isMap(target)
    if (isMap(target)) this.#collect(target.items)
    else if (target !== undefined) this.wrong(target, `expected ${what}`)
  }

  /** Reports what is wrong with a node of these fields, or with the fields themselves. */
  wrong(node: unknown, message: string, severity: Severity = 'error'): void {
    const position = node === undefined ? this.position : this.#reading.positionOf(node)
    this.#reading.report(position, this.rule, message, severity)
  }

  /** The value of a field; undefined when it is not there or null. */
  node(name: string): unknown {
    this.#asked.add(name)
    return this.#reading.resolve(this.#pairs.get(name)?.value)
  }

  has(name: string): boolean {
    return this.#pairs.has(name)
  }

  /** The fields of a mapping below. */
  fields(name: string, what: string): YamlFields {
    return new YamlFields(this.#reading, this.node(name), what, this.rule, this.position)
  }

  /** The fields of a node below. */
  nested(node: unknown, what: string): YamlFields {
    return new YamlFields(this.#reading, node, what, this.rule, this.position)
  }

  /** The elements of a list; aliases and null are as they are written. */
  list(name: string, what: string): readonly unknown[] {
    const node = this.node(name)
    if (isSeq(node)) return node.items
    if (node !== undefined) this.wrong(node, `${name}: expected ${what}`)
    return []
  }

  /** A text as it is written: `1.10`, `true` and `007` keep their form. */
  text(name: string): string {
    const node = this.node(name)
    return node === undefined ? '' : (this.textOf(node, name) ?? '')
  }

  /** The text of a node below, as it is written; undefined, and reported, for anything else. */
  textOf(node: unknown, name: string): string | undefined {
    if (isScalar(node)) return textOfScalar(node)
    this.wrong(node, `${name}: expected a text`)
    return undefined
  }

  /** A text, or undefined when the field is not there. */
  optionalText(name: string): string | undefined {
    return this.node(name) === undefined ? undefined : this.text(name)
  }

  boolean(name: string): boolean {
    const node = this.node(name)
    if (node === undefined) return false
    const value = isScalar(node) ? yamlBooleans.get(textOfScalar(node)) : undefined
    if (value === undefined) this.wrong(node, `${name}: expected true or false`)
    return value ?? false
  }

  wholeNumber(name: string): number {
    const node = this.node(name)
    if (node === undefined) return 0
    const value = isScalar(node) ? Number(textOfScalar(node)) : Number.NaN
    if (!Number.isInteger(value)) this.wrong(node, `${name}: expected a whole number`)
    return Number.isInteger(value) ? value : 0
  }

  texts(name: string, what: string): readonly string[] {
    const nodes = this.list(name, what).map((node) => this.#reading.resolve(node))
    return nodes.map((node) => (node === undefined ? '' : (this.textOf(node, name) ?? '')))
  }

  /** A mapping of texts to whatever `read` makes of their values. */
  map<T>(name: string, what: string, read: (node: unknown, key: string) => T | undefined): Map<string, T> {
    const node = this.node(name)
    const values = new Map<string, T>()
    if (node === undefined) return values
    const fields = new YamlFields(this.#reading, node, `${name}: ${what}`, this.rule)
    for (const [key, pair] of fields.#pairs) {
      const value = read(this.#reading.resolve(pair.value), key)
      if (value !== undefined) values.set(key, value)
    }
    return values
  }

  textMap(name: string): Map<string, string> {
    const what = 'expected a mapping of label names to texts'
    return this.map(name, what, (node, key) => (node === undefined ? '' : (this.textOf(node, `${name}.${key}`) ?? '')))
  }

  /** Reports unknown fields, each with the most similar known one. */
  finish(where: string): void {
    for (const [name, { key }] of this.#pairs) {
      if (this.#asked.has(name)) continue
      this.wrong(key, `unknown key ${name} in ${where}${didYouMean(name, this.#asked)}`, 'warning')
    }
  }

  /** Fields of the mapping itself win over those of mappings that `<<` merges. */
  #collect(items: readonly unknown[]): void {
    const merged: unknown[] = []
    for (const pair of items) {
      if (!isPair(pair)) continue
      const name = isScalar(pair.key) ? textOfScalar(pair.key) : String(pair.key)
      if (name === '<<') merged.push(this.#reading.resolve(pair.value))
      else this.#pairs.set(name, pair)
    }
    for (const source of merged.flatMap((node) => (isSeq(node) ? node.items : [node]))) {
      const target = this.#reading.resolve(source)
      if (!isMap(target)) continue
      for (const pair of target.items) {
        const name = isScalar(pair.key) ? textOfScalar(pair.key) : String(pair.key)
        if (!this.#pairs.has(name)) this.#pairs.set(name, pair)
      }
    }
  }
}

const yamlBooleans = new Map([
  ...['true', 'True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

function textOfScalar(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value ?? ''))
}
