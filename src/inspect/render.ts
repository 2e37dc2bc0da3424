/**
 * Renders `/metrics` for the objects in manifests as if they were the whole cluster, with the same selection, rows, store
 * and encoder as the running program.
 */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import { parseFieldSelector, parseLabelSelector } from '../families/selector.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import type { Engine } from '../runtime/engine.ts'
import { createEngine } from '../runtime/engine.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { Plan } from '../selection/plan.ts'
import type { ScopeSelection } from '../selection/scope.ts'
import { createScopeTest } from '../selection/scope.ts'
import type { ShardSplit } from '../selection/shard-split.ts'
import { createShardTest } from '../selection/shard-split.ts'
import { createExposition } from '../server/exposition.ts'
import type { SeriesLimits } from '../store/limit-scope.ts'
import { describeLimit } from '../store/limit-scope.ts'
import type { ObjectKey } from '../store/store.ts'
import type { CustomResources } from './custom-resources.ts'
import type { InstalledKinds } from './installed-kinds.ts'
import { installedKinds } from './installed-kinds.ts'
import type { Manifest } from './manifests.ts'

/** The part of the configuration that `render` uses. */
export interface RenderSelection extends FamilySelection, ScopeSelection {
  readonly shard: number
  readonly totalShards: number
  readonly shardMethod: ShardSplit['method']
}

export interface RenderOptions {
  readonly selection: RenderSelection
  /** None when left out. */
  readonly customResources?: CustomResources
  readonly manifests: readonly Manifest[]
  /** Limits on series; none when left out. */
  readonly limits?: SeriesLimits | undefined
  /** Called for each object or family that yields nothing because of an error, and for each limit that is reached. */
  readonly onProblem: (message: string) => void
}

const sliceBytes = 1024 * 1024

/** The page in slices. */
export function render(options: RenderOptions): Iterable<Uint8Array> {
  const openPage = createExposition(observeManifests(options).store, { sliceBytes })
  return openPage({ format: 'text', includes: () => true })
}

/** An engine that has observed the selected objects of the manifests. */
export function observeManifests(options: RenderOptions): Engine {
  const { selection, customResources, manifests, limits, onProblem } = options
  const installed = installedKinds(manifests)
  const plan = planOf(selection, customResources, installed.kinds)
  const engine = createEngine({
    now: () => 0,
    onFamilyError: (family, _resource, object, error) => onProblem(`${family.name} of ${nameOf(object)}: ${error}`),
    onDuplicates: () => {},
    limits,
  })
  for (const { id, resource } of engine.apply(plan).added) {
    const isSelected = createSelectionTest(resource, selection)
    for (const object of decodeAll(resource, manifests, installed, onProblem)) {
      if (isSelected(object)) engine.upsert(id, object, keyOf(object))
    }
  }
  for (const limit of engine.store.limits()) {
    const { max, withheld } = limit
    if (withheld > 0) onProblem(`limit of ${max} series of ${describeLimit(limit)}: ${withheld} series withheld`)
  }
  return engine
}

/** Manifests usually have no UID: namespace and name identify such an object, as they do for `kubectl apply`. */
function keyOf({ metadata: { uid, namespace, name } }: KubernetesObject): ObjectKey {
  return { uid: uid === '' ? `${namespace}/${name}` : uid, namespace, name }
}

function planOf(
  selection: RenderSelection,
  customResources: CustomResources | undefined,
  kinds: readonly ServedKind[],
): Plan {
  const builtIn = customResources?.only ? [] : createPlan(resources, selection)
  const custom = customResources?.rules.resolve(kinds) ?? []
  // Custom resources are selected by rules, independent of the selection of built-in resources.
  return [...builtIn, ...createPlan(custom, { ...selection, resources: undefined })]
}

function* decodeAll(
  resource: AnyResource,
  manifests: readonly Manifest[],
  installed: InstalledKinds,
  onProblem: (message: string) => void,
): Generator<KubernetesObject> {
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  for (const manifest of manifests) {
    const { kind, source } = manifest
    if (kind !== resource.kind || !installed.isServedAs(manifest, resource.apiVersion)) continue
    try {
      const { apiVersion } = resource
      yield decode(manifest.apiVersion === apiVersion ? manifest.value : { ...manifest.value, apiVersion })
    } catch (error) {
      onProblem(`${source}: ${kind} ignored: ${(error as Error).message}`)
    }
  }
}

/** Whether an object is in the scope and in the shard. */
export function createSelectionTest(
  resource: AnyResource,
  selection: RenderSelection,
): (object: KubernetesObject) => boolean {
  const isInScope = createScopeTest(resource, selection)
  const isOurs = createShardTest({ ...selection, method: selection.shardMethod })
  const isSelected = createSelectorTest(resource)
  return (object) => {
    const { namespace } = object.metadata
    const node = (object as { spec?: { nodeName?: string } }).spec?.nodeName ?? ''
    return isInScope({ namespace, node }) && isOurs(object.metadata.uid) && isSelected(object)
  }
}

/** What the API server does for those who list. */
function createSelectorTest({ selectors }: AnyResource): (object: KubernetesObject) => boolean {
  if (selectors === undefined) return () => true
  const hasLabels = parseLabelSelector(selectors.label)
  const hasFields = parseFieldSelector(selectors.field)
  return (object) => hasLabels(object.metadata.labels) && hasFields((path) => fieldOf(object, path))
}

/** A field as the API server compares it: absent is empty. */
function fieldOf(object: KubernetesObject, path: string): string {
  let value: unknown = (object as { raw?: unknown }).raw ?? object
  for (const part of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[part]
  return value == null ? '' : String(value)
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === '' ? metadata.name : `${metadata.namespace}/${metadata.name}`
}
