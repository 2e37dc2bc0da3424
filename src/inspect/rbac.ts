/** Owns the rights that a selection needs, as RBAC objects: generated from the declarations, secrets apart. */

import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { ScopeSelection } from '../selection/scope.ts'
import { scopedRequests } from '../selection/scope.ts'

/** One rule of a role, as the API takes it. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** A ClusterRole or Role, and the binding of it to the service account. */
export interface RbacObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly rules?: readonly PolicyRule[]
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[]
}

export interface RbacOptions {
  readonly selection: FamilySelection & ScopeSelection
  /** The name of the role; that of the secrets' role is derived from it. */
  readonly name: string
  /** The service account that the roles are bound to. */
  readonly account: { readonly name: string; readonly namespace: string }
  /** Whether the UID of `kube-system` is read, which names the cluster on the wire. */
  readonly readsClusterId: boolean
  /** Whether the API server decides on requests to our ports. */
  readonly reviewsAccess?: boolean
}

const rbacApi = 'rbac.authorization.k8s.io'
const reading = ['list', 'watch']

/**
 * Cluster-wide reads become a ClusterRole, reads of single namespaces a Role in each. Secrets are always a role of
 * their own: RBAC cannot grant metadata alone, so leaving that role out is the way to grant nothing of them.
 */
export function createRbac(options: RbacOptions): readonly RbacObject[] {
  const selected = createPlan(resources, options.selection).map(({ resource }) => resource)
  const scopes = new Map<string | undefined, AnyResource[]>()
  for (const resource of selected) {
    for (const { namespace } of scopedRequests(resource, options.selection)) {
      scopes.set(namespace, [...(scopes.get(namespace) ?? []), resource])
    }
  }
  const clusterWide = scopes.get(undefined) ?? []
  const extra = [...(options.readsClusterId ? [clusterIdRule] : []), ...(options.reviewsAccess ? reviewRules : [])]
  const inNamespaces = [...scopes].filter(([namespace]) => namespace !== undefined)
  return [
    ...rolesFor(options, undefined, clusterWide, extra),
    ...inNamespaces.flatMap(([namespace, kinds]) => rolesFor(options, namespace, kinds, [])),
  ]
}

const clusterIdRule: PolicyRule = {
  apiGroups: [''],
  resources: ['namespaces'],
  resourceNames: ['kube-system'],
  verbs: ['get'],
}

const reviewRules: readonly PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
]

function rolesFor(
  options: RbacOptions,
  namespace: string | undefined,
  kinds: readonly AnyResource[],
  extra: readonly PolicyRule[],
): RbacObject[] {
  const secrets = kinds.filter(({ plural }) => plural === 'secrets')
  const others = kinds.filter(({ plural }) => plural !== 'secrets')
  return [
    ...roleWithBinding(options, options.name, namespace, [...rulesOf(others), ...extra]),
    ...roleWithBinding(options, `${options.name}-secrets`, namespace, rulesOf(secrets)),
  ]
}

function rulesOf(kinds: readonly AnyResource[]): PolicyRule[] {
  const groups = new Map<string, string[]>()
  for (const { apiVersion, plural } of kinds) {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : ''
    groups.set(group, [...(groups.get(group) ?? []), plural])
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, plurals]) => ({ apiGroups: [group], resources: plurals.sort(), verbs: reading }))
}

function roleWithBinding(
  { account }: RbacOptions,
  name: string,
  namespace: string | undefined,
  rules: readonly PolicyRule[],
): RbacObject[] {
  if (rules.length === 0) return []
  const prefix = namespace === undefined ? 'Cluster' : ''
  const labels = { 'app.kubernetes.io/name': 'kube-state-otlp' }
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels }
  const apiVersion = `${rbacApi}/v1`
  return [
    { apiVersion, kind: `${prefix}Role`, metadata, rules },
    {
      apiVersion,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: rbacApi, kind: `${prefix}Role`, name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ]
}
