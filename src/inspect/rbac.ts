import type { CustomResourcesConfig } from '../config/custom-resources-config.ts'
import { monitorApiVersion } from '../custom-resources/monitors/read-monitor.ts'
import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { ScopedResource, ScopeSelection } from '../selection/scope.ts'
import { scopedRequests } from '../selection/scope.ts'
import type { CustomKind } from './custom-kinds.ts'

/** One rule of a role, in the form of the API. */
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

/** Objects of the cluster that hold rules for custom resources. */
type RuleSources = Pick<CustomResourcesConfig, 'configMaps' | 'monitors'>

export interface RbacOptions {
  readonly selection: FamilySelection & ScopeSelection
  /** The name of the role; the role for secrets has `-secrets` added. */
  readonly name: string
  /** The service account that the roles are bound to. */
  readonly account: { readonly name: string; readonly namespace: string }
  /** Whether the UID of the namespace `kube-system` is read, which identifies the cluster on the wire. */
  readonly readsClusterId: boolean
  /** Kinds that rules for custom resources read. */
  readonly customKinds?: readonly CustomKind[]
  /** The objects of the cluster that hold rules; none when left out. */
  readonly ruleSources?: RuleSources
  /** Built-in resources are left out. */
  readonly customResourcesOnly?: boolean
  /** Whether the API server decides on requests to our ports. */
  readonly reviewsAccess?: boolean
  /** The Leases that the replicas compete for, all of the namespace without names; undefined without leader election. */
  readonly leases?: { readonly namespace: string; readonly names: readonly string[] | undefined } | undefined
  /** The StatefulSet whose replicas are the shards. */
  readonly statefulSet?: { readonly namespace: string; readonly name: string } | undefined
}

const rbacApi = 'rbac.authorization.k8s.io'
const readVerbs = ['list', 'watch']

/**
 * The roles that a selection needs, with their bindings: a ClusterRole for cluster-wide reads, a Role in each namespace that
 * is named. Secrets have a role of their own, so that it can be left out: RBAC cannot restrict a right to their metadata.
 */
export function createRbac(options: RbacOptions): readonly RbacObject[] {
  const { customKinds = [], customResourcesOnly = false, ruleSources = {} } = options
  const builtIn = customResourcesOnly ? [] : createPlan(resources, options.selection).map(({ resource }) => resource)
  const selected = [...builtIn, ...customKinds.map(scopedResourceOf)]
  const scopes = new Map<string | undefined, ScopedResource[]>()
  for (const resource of selected) {
    for (const { namespace } of scopedRequests(resource, options.selection)) {
      scopes.set(namespace, [...(scopes.get(namespace) ?? []), resource])
    }
  }
  addRuleSources(scopes, ruleSources)
  const clusterWide = scopes.get(undefined) ?? []
  const hasRules = customKinds.length > 0 || (ruleSources.configMaps ?? ruleSources.monitors) !== undefined
  const extra = [
    ...(options.readsClusterId ? [clusterIdentityRule] : []),
    ...(options.reviewsAccess ? reviewRules : []),
    ...(hasRules ? [definitionsRule] : []),
  ]
  const inNamespaces = [...scopes].filter(([namespace]) => namespace !== undefined)
  return [
    ...rolesFor(options, undefined, clusterWide, extra),
    ...inNamespaces.flatMap(([namespace, kinds]) => rolesFor(options, namespace, kinds, [])),
    ...leaseRole(options),
    ...statefulSetRole(options),
  ]
}

const configMapResource = { apiVersion: 'v1', plural: 'configmaps', namespaced: true }
const monitorResource = { apiVersion: monitorApiVersion, plural: 'resourcemetricsmonitors', namespaced: true }

/** All ConfigMaps of the namespaces, since RBAC cannot restrict a right to labels, and all ResourceMetricsMonitors. */
function addRuleSources(
  scopes: Map<string | undefined, ScopedResource[]>,
  { configMaps, monitors }: RuleSources,
): void {
  if (configMaps !== undefined) addReads(scopes, configMapResource, configMaps.namespaces)
  if (monitors !== undefined) addReads(scopes, monitorResource, monitors.namespaces)
}

function addReads(
  scopes: Map<string | undefined, ScopedResource[]>,
  resource: ScopedResource,
  namespaces: readonly string[],
): void {
  const isRead = ({ plural, apiVersion }: ScopedResource) =>
    plural === resource.plural && apiVersion === resource.apiVersion
  if (scopes.get(undefined)?.some(isRead)) return
  for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
    scopes.set(namespace, [...(scopes.get(namespace) ?? []), resource])
  }
}

/** Rights are to groups, whatever the version. */
function scopedResourceOf({ group, plural, namespaced }: CustomKind): ScopedResource {
  return { apiVersion: group === '' ? 'v1' : `${group}/v1`, plural, namespaced }
}

/** A role of its own in the namespace of the Lease. Creating cannot be restricted to a name. */
function leaseRole(options: RbacOptions): RbacObject[] {
  if (options.leases === undefined) return []
  const { namespace, names } = options.leases
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }
  const rules = [
    { ...leases, verbs: ['create'] },
    { ...leases, ...(names && { resourceNames: names }), verbs: ['get', 'update', 'watch'] },
  ]
  return roleWithBinding(options, `${options.name}-leases`, namespace, rules)
}

function statefulSetRole(options: RbacOptions): RbacObject[] {
  if (options.statefulSet === undefined) return []
  const { namespace, name } = options.statefulSet
  const rule = { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: [name], verbs: readVerbs }
  return roleWithBinding(options, `${options.name}-shards`, namespace, [rule])
}

/** Grants reading the cluster's identity and nothing else of namespaces. */
export const clusterIdentityRule: PolicyRule = {
  apiGroups: [''],
  resources: ['namespaces'],
  resourceNames: ['kube-system'],
  verbs: ['get'],
}

const definitionsRule: PolicyRule = {
  apiGroups: ['apiextensions.k8s.io'],
  resources: ['customresourcedefinitions'],
  verbs: readVerbs,
}

const reviewRules: readonly PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
]

function rolesFor(
  options: RbacOptions,
  namespace: string | undefined,
  kinds: readonly ScopedResource[],
  extra: readonly PolicyRule[],
): RbacObject[] {
  const secrets = kinds.filter(({ plural }) => plural === 'secrets')
  const others = kinds.filter(({ plural }) => plural !== 'secrets')
  return [
    ...roleWithBinding(options, options.name, namespace, [...rulesOf(others), ...extra]),
    ...roleWithBinding(options, `${options.name}-secrets`, namespace, rulesOf(secrets)),
  ]
}

/** The API group of a resource; empty for the core group. */
export function groupOf({ apiVersion }: Pick<AnyResource, 'apiVersion'>): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : ''
}

function rulesOf(kinds: readonly ScopedResource[]): PolicyRule[] {
  const groups = new Map<string, string[]>()
  for (const resource of kinds) {
    const group = groupOf(resource)
    groups.set(group, [...(groups.get(group) ?? []), resource.plural])
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, plurals]) => ({ apiGroups: [group], resources: withoutRepeats(plurals), verbs: readVerbs }))
}

function withoutRepeats(plurals: readonly string[]): string[] {
  return plurals.includes('*') ? ['*'] : [...new Set(plurals)].sort()
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
