/** The objects of a simulated cluster in the form in which a real API server takes them, and in the order of their owners. */

import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { ApiObject, KindDefinition } from '../../simulator/api/kinds.ts'
import { createObjectStore } from '../../simulator/api/object-store.ts'
import { createCluster } from '../../simulator/cluster/simulated-cluster.ts'

export interface Writable {
  readonly plural: string
  /** The path of the collection. */
  readonly path: string
  readonly name: string
  /** In the simulated cluster: dependents refer to it. */
  readonly uid: string
  readonly object: object
  /** Written to the subresource; undefined without one. */
  readonly status: object | undefined
}

/** Owners come before what they own. All other kinds are written between these, in no particular order. */
const first = ['namespaces', 'nodes', 'storageclasses', 'services', 'deployments', 'replicasets', 'cronjobs']
const last = ['pods']

/** Admission would reject later writes, and a signing request needs a real key. */
const skipped = new Set([
  'certificatesigningrequests',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
])

const seed = 7

/** One list for each kind. */
export function createObjects(pods: number): readonly (readonly Writable[])[] {
  const kinds = builtInKinds.filter(({ plural }) => !skipped.has(plural))
  const objects = createObjectStore({ kinds: builtInKinds })
  createCluster({ objects }, { seed, pods, churnPerSecond: 0 })
  const order = ({ plural }: KindDefinition) =>
    first.includes(plural) ? first.indexOf(plural) - first.length : last.indexOf(plural) + 1
  return kinds
    .toSorted((a, b) => order(a) - order(b))
    .map((kind) => objects.list(kind.plural).map((object) => toWritable(kind, object)))
}

/** The server sets the rest of the metadata itself. */
function toWritable(kind: KindDefinition, object: ApiObject): Writable {
  const { name, namespace, uid = '', labels, annotations, ownerReferences, finalizers, generateName } = object.metadata
  const metadata = { name, namespace, labels, annotations, ownerReferences, finalizers, generateName }
  const { metadata: _, status, ...rest } = object
  const { plural, apiVersion } = kind
  return {
    plural,
    path: collectionPath(kind, namespace),
    name,
    uid,
    object: { apiVersion, kind: kind.kind, metadata, ...withoutAddresses(plural, rest) },
    status: hasStatus(status) && plural !== 'namespaces' ? withSuccessCriteria(plural, status) : undefined,
  }
}

const hasStatus = (status: unknown): status is object =>
  typeof status === 'object' && status !== null && Object.keys(status).length > 0

function collectionPath({ apiVersion, namespaced, plural }: KindDefinition, namespace: string | undefined): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespaced ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`
}

/** Addresses and node ports of the simulation are not those of the server, which assigns its own. */
function withoutAddresses(plural: string, rest: Readonly<Record<string, unknown>>): object {
  if (plural !== 'services') return rest
  const { clusterIP, clusterIPs: _ips, ports = [], ...spec } = rest.spec as ServiceSpec
  const ownPorts = ports.map(({ nodePort: _port, ...port }) => port)
  return { ...rest, spec: { ...spec, ports: ownPorts, ...(clusterIP === 'None' && { clusterIP }) } }
}

interface ServiceSpec {
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly ports?: readonly { readonly nodePort?: number }[]
}

/** A server rejects a job that is complete without this condition. */
function withSuccessCriteria(plural: string, status: object): object {
  const { conditions = [] } = status as { readonly conditions?: readonly { readonly type: string }[] }
  const complete = conditions.find(({ type }) => type === 'Complete')
  if (plural !== 'jobs' || complete === undefined) return status
  return { ...status, conditions: [{ ...complete, type: 'SuccessCriteriaMet' }, ...conditions] }
}
