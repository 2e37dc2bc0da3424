/** The values of the community's kube-state-metrics chart, and what they yield or why they are refused. */

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { contains } from './contains.ts'
import type { Manifest } from './kustomize.ts'
import { workloadsOf } from './workloads.ts'

export interface MovedValue {
  readonly name: string
  /** A values file. */
  readonly set: Readonly<Record<string, unknown>>
  /** Parts of objects by kind, or of Pod, PodMetadata and Container. */
  readonly yields?: Readonly<Record<string, unknown>>
  /** Words of the message. */
  readonly refused?: string
}

const path = 'test/deploy/community-values.yaml'

export const movedValues: readonly MovedValue[] = Object.entries(
  parse(readFileSync(path, 'utf8')) as Record<string, readonly Omit<MovedValue, 'name'>[]>,
).flatMap(([name, cases]) => cases.map((value) => ({ name, ...value })))

/** What `kind` stands for among the rendered objects. */
function partsOf(objects: readonly Manifest[], kind: string): readonly unknown[] {
  const pods = workloadsOf(objects).map(({ spec }) => spec.template)
  if (kind === 'PodMetadata') return pods.map(({ metadata }) => metadata)
  if (kind === 'Pod') return pods.map(({ spec }) => spec)
  if (kind === 'Container') return pods.flatMap(({ spec }) => spec.containers)
  return objects.filter((object) => object.kind === kind)
}

/** The kinds of which no part has what is expected. */
export function missingOf(
  objects: readonly Manifest[],
  expected: Readonly<Record<string, unknown>>,
): readonly string[] {
  const isMissing = ([kind, part]: readonly [string, unknown]) =>
    !partsOf(objects, kind).some((candidate) => contains(candidate, part))
  return Object.entries(expected)
    .filter(isMissing)
    .map(([kind]) => kind)
}
