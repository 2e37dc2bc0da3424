/**
 * Fingerprints of what decides which series exist: equal ones promise the same series for the same objects. The version of the program
 * is not among it, so that an upgrade continues what both versions declare alike.
 */

import { createHash } from 'node:crypto'
import type { AnyFamily } from '../families/family.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import { createScope } from '../selection/scope.ts'
import type { ShardSplit } from '../selection/shard-split.ts'
import { nameOfSplit } from '../selection/shard-split.ts'
import type { SeriesLimits } from '../store/limit-scope.ts'

/** What decides which series exist, for all resources alike. */
export interface SeriesIdentity {
  readonly serviceNamespace: string | undefined
  readonly constantLabels: ReadonlyMap<string, string>
  /** Which of the shards this is, and how the objects are divided among them; undefined before that is known. */
  readonly split: ShardSplit | undefined
  readonly limits: SeriesLimits
}

/**
 * How all series are identified on the wire. To be increased when a version sends the same series with other attributes: then
 * nothing of it is at the receiver yet.
 */
const wireIdentity = 1

export function identityFingerprint(identity: SeriesIdentity): string {
  const { serviceNamespace, constantLabels, split, limits } = identity
  const { series, perResource, perFamily } = limits
  return digest([
    ...[wireIdentity, serviceNamespace, [...constantLabels], split?.shard, split && nameOfSplit(split)],
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

/** The name of what is read of a resource in one namespace. */
export function scopeName(plan: ResourcePlan, namespace: string): string {
  return `${resourceName(plan)} in ${namespace}`
}

function describePlan({ resource, families, labelKeys, annotationKeys, scope }: ResourcePlan): unknown {
  const { kind, form, fingerprint, identity } = resource
  const { requests, handsOver } = scope ?? createScope(resource)
  const labels = Object.entries(identity).map(([name, read]) => [
    name,
    fingerprint === undefined ? textOfCode(read) : '',
  ])
  return [
    ...[kind, form, fingerprint, labels, requests, handsOver],
    ...[labelKeys?.fingerprint, annotationKeys?.fingerprint, families.map(describeFamily)],
  ]
}

/** What describes a family, and whether it is enabled, which a plan has decided: neither decides its series. */
const descriptive: ReadonlySet<string> = new Set(['help', 'stability', 'deprecatedSince', 'optIn'])

/** A declaration in code is known by its data and the text of its functions: both may change between two versions. */
function describeFamily(family: AnyFamily): unknown {
  const { name, type, kind, fingerprint } = family
  const declared = Object.entries(family).filter(([key]) => !descriptive.has(key))
  const texts = declared.map(([key, value]) => [key, typeof value === 'function' ? textOfCode(value) : value])
  return [name, type, kind, fingerprint ?? texts]
}

/** Without the numbers of names: a bundler adds them where names collide, which may change with any other file. */
function textOfCode(code: unknown): string {
  return String(code).replaceAll(/\b([A-Za-z_$][\w$]*?)\d+\b/g, '$1')
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)
}
