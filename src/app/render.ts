/**
 * Owns `render`: the objects of manifests are the whole cluster, and what comes out is what `/metrics` would say, through
 * the same selection, series, store and encoder.
 */

import type { KubernetesObject } from '../api/object-meta.ts'
import type { AnyResource } from '../families/family.ts'
import { resources } from '../families/resources.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import { shardOf } from '../kubernetes/shard-hash.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { ScopeSelection } from '../selection/scope.ts'
import { createScopeTest } from '../selection/scope.ts'
import { createExposition } from '../server/exposition.ts'
import { createEngine } from './engine.ts'
import type { Manifest } from './manifests.ts'

/** What `render` takes of the configuration. */
export interface RenderSelection extends FamilySelection, ScopeSelection {
  readonly shard: number
  readonly totalShards: number
}

export interface RenderOptions {
  readonly selection: RenderSelection
  readonly manifests: readonly Manifest[]
  /** Told of each object or family that yields nothing because of an error. */
  readonly onProblem: (message: string) => void
}

const sliceBytes = 1024 * 1024

/** The page, slice by slice. */
export function render({ selection, manifests, onProblem }: RenderOptions): Iterable<Uint8Array> {
  const plan = createPlan(resources, selection)
  const engine = createEngine({
    plan,
    now: () => 0,
    onFamilyError: ({ family }, object, error) => onProblem(`${family.name} of ${nameOf(object)}: ${error}`),
    onDuplicates: () => {},
  })
  for (const [index, { resource }] of plan.entries()) {
    for (const object of decodeAll(resource, manifests, onProblem)) {
      if (isSelected(resource, selection, object)) engine.upsert(index, object)
    }
  }
  const openPage = createExposition(engine.store, { sliceBytes })
  return openPage({ format: 'text', includes: () => true })
}

function* decodeAll(
  resource: AnyResource,
  manifests: readonly Manifest[],
  onProblem: (message: string) => void,
): Generator<KubernetesObject> {
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  for (const { apiVersion, kind, value, source } of manifests) {
    if (kind !== resource.kind || apiVersion !== resource.apiVersion) continue
    try {
      yield decode(value)
    } catch (error) {
      onProblem(`${source}: ${kind} left out: ${(error as Error).message}`)
    }
  }
}

function isSelected(resource: AnyResource, selection: RenderSelection, object: KubernetesObject): boolean {
  const { namespace, uid } = object.metadata
  const node = (object as { spec?: { nodeName?: string } }).spec?.nodeName ?? ''
  if (!createScopeTest(resource, selection)({ namespace, node })) return false
  return selection.totalShards <= 1 || shardOf(uid, selection.totalShards) === selection.shard
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === '' ? metadata.name : `${metadata.namespace}/${metadata.name}`
}
