/** Turns the API server's OpenAPI documents into JSON Schemas of the kinds that deploy/ uses; unknown fields are refused. */

/** A schema as OpenAPI 3.0 writes it, of the keywords that Kubernetes uses. */
interface OpenApiSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly additionalProperties?: OpenApiSchema
  readonly items?: OpenApiSchema
  readonly required?: readonly string[]
  readonly allOf?: readonly OpenApiSchema[]
  readonly oneOf?: readonly OpenApiSchema[]
  readonly $ref?: string
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[]
}

/** One document of the API server's `/openapi/v3`. */
export interface OpenApiDocument {
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> }
}

/** The JSON Schema of each kind under `kinds`, by `apiVersion/kind`; all else under `$defs`. */
export interface KindSchemas {
  readonly kinds: Readonly<Record<string, string>>
  readonly $defs: Readonly<Record<string, object>>
}

/** The documents that describe the kinds of deploy/. */
export const documentPaths = [
  'api/v1',
  ...['apps', 'networking.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'scheduling.k8s.io'].map(
    (group) => `apis/${group}/v1`,
  ),
]

const kinds = [
  ...['v1/ConfigMap', 'v1/Namespace', 'v1/Secret', 'v1/Service', 'v1/ServiceAccount'],
  ...['networking.k8s.io/v1/NetworkPolicy', 'policy/v1/PodDisruptionBudget', 'scheduling.k8s.io/v1/PriorityClass'],
  ...['apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/StatefulSet'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => `rbac.authorization.k8s.io/v1/${kind}`),
]

const refPrefix = '#/components/schemas/'

/** The schemas that the kinds refer to, without descriptions and without fields that only the server writes. */
export function trimSchemas(documents: readonly OpenApiDocument[]): KindSchemas {
  const all = new Map(documents.flatMap(({ components }) => Object.entries(components.schemas)))
  const named = new Map(kinds.map((kind) => [kind, findKind(all, kind)]))
  const $defs: Record<string, object> = {}
  const pending = [...named.values()]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name in $defs) continue
    $defs[name] = trim(all.get(name) as OpenApiSchema, (reference) => pending.push(reference))
  }
  const sorted = Object.entries($defs).sort(([a], [b]) => (a < b ? -1 : 1))
  return { kinds: Object.fromEntries(named), $defs: Object.fromEntries(sorted) }
}

function findKind(all: ReadonlyMap<string, OpenApiSchema>, wanted: string): string {
  for (const [name, schema] of all) {
    for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      if ([group, version, kind].filter((part) => part !== '').join('/') === wanted) return name
    }
  }
  throw new Error(`no document describes ${wanted}`)
}

const writtenByServer = new Set(['status', 'managedFields'])

function trim(schema: OpenApiSchema, onReference: (name: string) => void): object {
  const { type, properties, additionalProperties, items, required, allOf, oneOf, $ref } = schema
  const trimmed = (inner: OpenApiSchema) => trim(inner, onReference)
  if ($ref !== undefined) {
    onReference($ref.slice(refPrefix.length))
    return { $ref: `#/$defs/${$ref.slice(refPrefix.length)}` }
  }
  // OpenAPI 3.0 wraps a reference that has a description of its own.
  if (allOf?.length === 1) return trimmed(allOf[0] as OpenApiSchema)
  const own = Object.entries(properties ?? {}).filter(([name]) => !writtenByServer.has(name))
  return {
    ...(oneOf === undefined ? { type } : { oneOf: oneOf.map(trimmed) }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: trimmed(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: trimmed(additionalProperties) }),
    ...(properties === undefined ? {} : { additionalProperties: false }),
    ...(own.length === 0 ? {} : { properties: Object.fromEntries(own.map(([name, inner]) => [name, trimmed(inner)])) }),
  }
}
