/** What the three types of metrics share: how they take objects, and where samples and errors go. */

import type { Path } from './path.ts'
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
  /** Notes that the object has nothing at the path. */
  miss(path: Path): void
}

/** A compiled metric type. */
export interface Each {
  /** Every path from the object's root on. */
  readonly rootPaths: readonly Path[]
  read(object: unknown, sink: SampleSink): void
}

/** Sets the labels that stand in a value, as labels of the sample. */
export function readOwnLabels(labels: PathLabels, value: unknown, sample: SampleLabels): void {
  if (!labels.isEmpty) labels.read(value, (key, text) => sample.set(key, text))
}

/** A place below a path, as messages show it. */
export function placeOf(path: Path, key?: string | number): string {
  return key === undefined ? describePath(path.parts) : describePath([...path.parts, String(key)])
}
