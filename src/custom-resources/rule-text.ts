/** Describes the results of rules, for `render --explain` and for the log. */

import type { RuleError } from './rule.ts'
import type { RuleStatus } from './rules.ts'
import { apiVersionOf } from './served-kind.ts'

/** `Tree/kube_customresource_height`: the kind as configured, and the metric. */
export function nameOfRule({ resource, rule }: Pick<RuleStatus, 'resource' | 'rule'>): string {
  const { kind, group } = resource.groupVersionKind
  return `${kind === '' || kind === '*' ? `*.${group}` : kind}/${rule.name}`
}

/** Where the rule stands: `crs.yaml:12`. */
export function placeOfRule({ resource, rule }: Pick<RuleStatus, 'resource' | 'rule'>): string {
  return `${resource.source}:${rule.line}`
}

/** A few lines on one rule: its kinds, its counts, and what went wrong last. */
export function explainRule(status: RuleStatus): string[] {
  const { kinds, record } = status
  const read = kinds.map((kind) => `${apiVersionOf(kind)} ${kind.kind}`).join(', ')
  const { objects, samples, missing, errors } = record
  return [
    `${nameOfRule(status)} (${placeOfRule(status)})`,
    `  kinds: ${read === '' ? `none; the API serves no ${wantedKind(status)}` : read}`,
    `  objects: ${objects}, series: ${samples}, objects without the path: ${missing}, errors: ${errors}`,
    ...(record.lastMissing === undefined || samples > 0
      ? []
      : [`  nothing found: ${describeError(record.lastMissing)}`]),
    ...(record.lastError === undefined ? [] : [`  last error: ${describeError(record.lastError)}`]),
  ]
}

/** Why a rule has yielded nothing so far; undefined for one that has, and where there was no object to look at. */
export function explainSilence(status: RuleStatus): string | undefined {
  const { kinds, record } = status
  const subject = `the rule ${nameOfRule(status)} (${placeOfRule(status)}) has no samples`
  if (kinds.length === 0) return `${subject}: the API serves no ${wantedKind(status)}`
  if (record.samples > 0 || record.objects === 0) return undefined
  const cause = record.lastError ?? record.lastMissing
  return `${subject} for ${record.objects} objects${cause === undefined ? '' : `, for example ${describeError(cause)}`}`
}

/** An error with its object and place. */
export function describeError({ object, path, reason }: RuleError): string {
  return `${object} at ${path}: ${reason}`
}

function wantedKind({ resource }: RuleStatus): string {
  const { group, version, kind } = resource.groupVersionKind
  const any = (text: string) => (text === '' ? '*' : text)
  return `${group === '' ? '' : `${group}/`}${any(version)} ${any(kind)}`
}
