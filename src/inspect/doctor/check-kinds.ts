/** Checks that the API server serves the selected resources, and the kinds that rules for custom resources name. */

import type { CustomResourceRules } from '../../custom-resources/rules.ts'
import type { AnyResource } from '../../families/family.ts'
import type { ApiClient } from '../../kubernetes/api-client.ts'
import type { ApiResource } from '../../kubernetes/discovery/api-resources.ts'
import { readApiResources } from '../../kubernetes/discovery/api-resources.ts'
import { reasonOf } from '../../telemetry/failure-reason.ts'
import { groupOf } from '../rbac.ts'
import type { Finding } from './finding.ts'
import { listNames } from './finding.ts'

export interface KindsCheck {
  readonly client: Pick<ApiClient, 'sendJson'>
  readonly resources: readonly AnyResource[]
  readonly rules: CustomResourceRules
  readonly signal: AbortSignal
}

const check = 'kinds'

/** A kind that is not served yields no series, and is read as soon as it is served. */
export async function checkKinds({ client, resources, rules, signal }: KindsCheck): Promise<Finding[]> {
  const groups = [
    ...resources.map(groupOf),
    ...rules.declarations.map(({ groupVersionKind }) => groupVersionKind.group),
  ]
  try {
    const served = await Promise.all([...new Set(groups)].map((group) => readApiResources(client, group, signal)))
    const all = served.flat()
    return [checkBuiltIn(resources, all), ...checkRules(rules, all)]
  } catch (error) {
    const found = `the discovery documents cannot be read: ${reasonOf(error)}`
    return [{ check, state: 'warning', found, fix: 'bind the user to the cluster role system:discovery' }]
  }
}

function checkBuiltIn(resources: readonly AnyResource[], served: readonly ApiResource[]): Finding {
  const names = new Set(
    served.map(({ group, version, plural }) => `${group === '' ? '' : `${group}/`}${version} ${plural}`),
  )
  const missing = resources.filter(({ apiVersion, plural }) => !names.has(`${apiVersion} ${plural}`))
  const count = `${resources.length - missing.length} of ${resources.length} selected resources are served`
  if (missing.length === 0) return { check, state: 'ok', found: count }
  const list = listNames(missing.map(({ apiVersion, plural }) => `${plural} (${apiVersion})`))
  const fix = 'nothing, if the version of the API server is too old for them; --resources leaves them out'
  return { check, state: 'warning', found: `${count}; not served: ${list}`, fix }
}

function checkRules(rules: CustomResourceRules, served: readonly ApiResource[]): Finding[] {
  if (rules.declarations.length === 0) return []
  rules.resolve(served)
  const missing = rules.status().filter(({ kinds }) => kinds.length === 0)
  const names = [
    ...new Set(missing.map(({ resource: { groupVersionKind: g } }) => `${g.group}/${g.version} ${g.kind}`)),
  ]
  const count = `${rules.declarations.length} kinds have rules`
  if (names.length === 0) return [{ check: 'custom kinds', state: 'ok', found: `${count}; all are served` }]
  const fix =
    'install their CustomResourceDefinitions, or correct group, version and kind; they are read as soon as they exist'
  return [{ check: 'custom kinds', state: 'warning', found: `${count}; not served: ${listNames(names)}`, fix }]
}
