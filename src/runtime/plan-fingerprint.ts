/** Fingerprints of what decides which series exist: equal ones promise the same series for the same objects. */

import { createHash } from 'node:crypto'
import type { AnyFamily } from '../families/family.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import { createScope } from '../selection/scope.ts'
import type { ShardSplit } from '../selection/shard-split.ts'
import { nameOfSplit } from '../selection/shard-split.ts'
import type { SeriesLimits } from '../store/limit-scope.ts'

/** What decides which series exist, for all resources alike. */
export interface SeriesIdentity {
  /** Of this program: families may differ between two versions. */
  readonly version: string
  readonly serviceNamespace: string | undefined
  readonly constantLabels: ReadonlyMap<string, string>
  /** Which of the shards this is, and how the objects are divided among them; undefined before that is known. */
  readonly split: ShardSplit | undefined
  readonly limits: SeriesLimits
}

export function identityFingerprint(identity: SeriesIdentity): string {
  const { version, serviceNamespace, constantLabels, split, limits } = identity
  const { series, perResource, perFamily } = limits
  return digest([
    ...[version, serviceNamespace, [...constantLabels], split?.shard, split && nameOfSplit(split)],
    ...[series, [...perResource].sort(), [...perFamily].sort()],
  ])
}

const known = new WeakMap<ResourcePlan, string>()

/** Of the declarations of a resource, its families, the label keys that they copy, and the objects that are read. */
export function planFingerprint(plan: ResourcePlan): string {
  const fingerprint = known.get(plan) ?? digest(describePlan(plan))
  known.set(plan, fingerprint)
  return fingerprint
}

/** The name of a resource among all that a plan may have, the same in every process. */
export function resourceName({ resource: { apiVersion, plural, variant = '' } }: ResourcePlan): string {
  return `${apiVersion}/${plural}${variant === '' ? '' : ` ${variant}`}`
}

function describePlan({ resource, families, labelKeys, annotationKeys, scope }: ResourcePlan): unknown {
  const { kind, form, fingerprint, identity } = resource
  const { requests, handsOver } = scope ?? createScope(resource)
  const labels = Object.entries(identity).map(([name, read]) => [name, fingerprint === undefined ? String(read) : ''])
  return [
    ...[kind, form, fingerprint, labels, requests, handsOver],
    ...[labelKeys?.fingerprint, annotationKeys?.fingerprint, families.map(describeFamily)],
  ]
}

/** A declaration in code is known by its text: an embedder's may change between two versions of this program. */
function describeFamily(family: AnyFamily): unknown {
  const { name, type, kind, fingerprint } = family
  const texts = Object.entries(family).map(([key, value]) => [key, typeof value === 'function' ? String(value) : value])
  return [name, type, kind, fingerprint ?? texts]
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)
}
