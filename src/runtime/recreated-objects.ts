/**
 * Objects that were deleted and created again with another UID, which belongs to a shard that the readers of this one do not
 * see: looked up by name before the stale markers of the old one are sent.
 */

import { MetadataOnly } from '../kubernetes/decode/stream-forms.ts'
import type { Ending } from '../kubernetes/reflector/endings.ts'
import { listOnce } from '../kubernetes/reflector/list-once.ts'
import type { ReflectorContext, ReflectorScope } from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import type { ResourceLayout } from '../rows/layout.ts'
import type { KubernetesObject, ObjectMeta } from '../schemas/object-meta.ts'
import { createScope } from '../selection/scope.ts'
import type { Engine } from './engine.ts'
import type { KnownForm } from './resource-readers.ts'

export interface RecreatedObjectsOptions {
  readonly engine: Pick<Engine, 'store' | 'leaveToOther'>
  readonly context: ReflectorContext
  readonly formOf: (layout: ResourceLayout) => Pick<KnownForm, 'form' | 'options'>
  /** Whether an object with this UID is this shard's. */
  readonly owns: (uid: string) => boolean
}

export interface RecreatedObjects {
  /** Looks up what was deleted more than a second ago, in the background; to be called about once a second. */
  look(): void
}

/** Those who create an object again do it soon, and a deletion seldom comes alone. */
const settleMs = 1000
/** Names that are looked up one by one; of more, a list of the metadata tells first which exist. */
const mostNames = 50
const retryMs = 5000
/** Then the stale markers are sent although the API server does not answer: at worst a series is away until its refresh. */
const patienceMs = 60_000

const fault = 'shards/recreated'

export function createRecreatedObjects(options: RecreatedObjectsOptions): RecreatedObjects {
  const { engine, context } = options
  const { store } = engine
  const { clock, gate } = context
  /** By resource, when the next look may begin. */
  const pausedUntil = new Map<number, number>()
  const failingSince = new Map<number, number>()

  const confirmAll = (resource: number, groups: Iterable<string>) => {
    for (const group of groups) store.confirm(resource, group)
  }
  const failed = (resource: number, groups: ReadonlySet<string>, { reason }: Ending) => {
    const since = failingSince.get(resource) ?? clock.now()
    failingSince.set(resource, since)
    pausedUntil.set(resource, clock.now() + retryMs)
    gate.warn(fault, { reason }, 'deleted objects cannot be looked up by name, so their stale markers wait; retrying')
    if (clock.now() - since >= patienceMs) confirmAll(resource, groups)
  }
  const look = async (resource: number, groups: ReadonlySet<string>) => {
    const layout = store.registry.layout(resource)
    if (layout === undefined) return confirmAll(resource, groups)
    const ending = await lookUp(options, layout, [...groups])
    if (ending.kind !== 'listed') return failed(resource, groups, ending)
    if (failingSince.delete(resource)) gate.recovered(fault, 'deleted objects can be looked up again')
  }
  return {
    look() {
      for (const [resource, groups] of store.unconfirmed(clock.now() - settleMs)) {
        if ((pausedUntil.get(resource) ?? 0) > clock.now()) continue
        pausedUntil.set(resource, Number.POSITIVE_INFINITY)
        const done = () => {
          if (pausedUntil.get(resource) === Number.POSITIVE_INFINITY) pausedUntil.delete(resource)
        }
        void look(resource, groups)
          .catch((failure) => failed(resource, groups, { kind: 'rejected', reason: String(failure) }))
          .finally(done)
      }
    },
  }
}

/** Confirms names as it goes; the first request that fails ends it. */
async function lookUp(
  options: RecreatedObjectsOptions,
  layout: ResourceLayout,
  groups: readonly string[],
): Promise<Ending> {
  const { store } = options.engine
  const { id } = layout
  let left: readonly string[] = groups
  if (groups.length > mostNames) {
    const { ending, names } = await listNames(options, layout, groups)
    if (ending.kind !== 'listed') return ending
    for (const group of groups) if (!names.has(group)) store.confirm(id, group)
    left = groups.filter((group) => names.has(group))
  }
  for (const group of left) {
    const ending = await lookUpName(options, layout, group)
    if (ending.kind !== 'listed') return ending
    store.confirm(id, group)
  }
  return listed
}

const listed: Ending = { kind: 'listed', reason: '' }

/** What another shard has of the name is left to it. One of ours is reported by its reader. */
function lookUpName(
  { engine, context, formOf, owns }: RecreatedObjectsOptions,
  layout: ResourceLayout,
  group: string,
): Promise<Ending> {
  const { id, resource: target } = layout
  const { form, options } = formOf(layout)
  const name = group.slice(group.indexOf('/') + 1)
  const scopes = scopesOf(layout, namespaceOf(group)).map((scope) => ({
    ...scope,
    fieldSelector: [scope.fieldSelector, `metadata.name=${name}`].filter((part) => part !== undefined).join(','),
  }))
  return inEach(scopes, (scope) =>
    listOnce({ context, target, scope, form, options: { ...options, objectLimit: 0 } }, (object: KubernetesObject) => {
      if (!owns(object.metadata.uid)) engine.leaveToOther(id, object)
    }),
  )
}

/** Which of the objects exist, by a list of the metadata of all, or of a namespace if it has them all. */
async function listNames(
  { context, formOf }: RecreatedObjectsOptions,
  layout: ResourceLayout,
  groups: readonly string[],
): Promise<{ readonly ending: Ending; readonly names: ReadonlySet<string> }> {
  const namespaces = new Set(groups.map(namespaceOf))
  const [only] = namespaces
  const options = { ...formOf(layout).options, objectLimit: 0, keepLastApplied: false, keepManagedFields: false }
  const { plural, apiVersion, kind } = layout.resource
  const target = { plural, apiVersion, kind, form: 'metadata', schema: MetadataOnly } as const
  const form = createWireForm<Named>(target, options)
  const wanted = new Set(groups)
  const names = new Set<string>()
  const scopes = namespaces.size === 1 ? scopesOf(layout, only) : scopesOf(layout, undefined)
  const ending = await inEach(scopes, (scope) =>
    listOnce<Named>({ context, target, scope, form, options }, ({ metadata: { namespace, name } }) => {
      const group = namespace === '' ? name : `${namespace}/${name}`
      if (wanted.has(group)) names.add(group)
    }),
  )
  return { ending, names }
}

interface Named extends KubernetesObject {
  readonly metadata: ObjectMeta
}

/** The requests of the resource in one namespace, or (undefined) in all that are read; empty for cluster-scoped objects. */
function scopesOf({ plan }: ResourceLayout, namespace: string | undefined): readonly ReflectorScope[] {
  const { requests } = plan.scope ?? createScope(plan.resource)
  if (namespace === undefined || namespace === '') return requests
  return requests
    .filter((request) => request.namespace === undefined || request.namespace === namespace)
    .map((request) => ({ ...request, namespace }))
}

const namespaceOf = (group: string) => group.slice(0, Math.max(0, group.indexOf('/')))

async function inEach(
  scopes: readonly ReflectorScope[],
  list: (scope: ReflectorScope) => Promise<Ending>,
): Promise<Ending> {
  for (const scope of scopes) {
    const ending = await list(scope)
    if (ending.kind !== 'listed') return ending
  }
  return listed
}
