/** What the types of metrics share: how they take objects, and where samples and errors go. */

import type { EachPath, Levels } from './each-path.ts'
import { isList, isMap } from './json-value.ts'
import type { Path, PathParts } from './path.ts'
import { describePath } from './path.ts'
import type { PathLabels } from './path-labels.ts'
import type { SampleLabels } from './sample-labels.ts'

/** Takes what one object yields. */
export interface SampleSink {
  /** The labels of the sample that comes next. */
  readonly labels: SampleLabels
  /** Observes a sample with `labels`. */
  emit(value: number): void
  /** Notes a value that should be there and does not convert. */
  fail(path: string, reason: string): void
  /** Notes that an element is no sample because of its rule's condition: a reason if there is no sample at all. */
  exclude(place: string): void
  /** Notes that the object has nothing at the path. */
  miss(path: Path): void
}

/** A compiled metric type. */
export interface Each {
  /** Every path from the object's root on. */
  readonly rootPaths: readonly PathParts[]
  read(object: unknown, sink: SampleSink): void
}

/** Sets the labels that stand in a value, as labels of the sample. */
export function readOwnLabels(labels: PathLabels, value: unknown, sample: SampleLabels, levels: Levels): void {
  if (!labels.isEmpty) labels.read(value, (key, text) => sample.set(key, text), levels)
}

/** Sets labels of the sample. */
export function setOwnLabels(labels: Iterable<readonly [string, string]>, sample: SampleLabels): void {
  for (const [name, value] of labels) sample.set(name, value)
}

/** A place that a path has found, as messages show it: levels by their keys, then the key of an entry there. */
export function placeOf({ parts }: EachPath, { keys }: Levels, key?: string | number): string {
  let level = 0
  const place = parts.map((part) => (part.startsWith('[*') ? String(keys[level++]) : part))
  return describePath(key === undefined ? place : [...place, String(key)])
}

/** Visits the elements of what a path has found: of a list each, anything else itself. */
export function eachElement(
  { findsElements }: EachPath,
  value: unknown,
  visit: (element: unknown, index?: number) => void,
): void {
  if (findsElements || !isList(value)) visit(value)
  else for (const [index, element] of value.entries()) visit(element, index)
}

/** Whether the entries of an object that a path has found are samples of their own. */
export function hasEntries({ findsElements }: EachPath, value: unknown): value is Readonly<Record<string, unknown>> {
  return !findsElements && isMap(value)
}
