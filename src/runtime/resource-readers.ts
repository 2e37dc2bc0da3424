/** The readers of the planned resources: a reflector with its feed for each scope of each resource. */

import type { KubernetesConfig } from '../config/config.ts'
import { lastAppliedAnnotation } from '../kubernetes/decode/stream-forms.ts'
import type { Reflector } from '../kubernetes/reflector/reflector.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type { ReflectorStatus } from '../kubernetes/reflector/reflector-state.ts'
import { revisionIn } from '../kubernetes/reflector/revision.ts'
import type { ReflectorContext, ReflectorOptions } from '../kubernetes/reflector/target.ts'
import type { WireForm } from '../kubernetes/reflector/wire-form.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import type { ResourceLayout } from '../rows/layout.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import { createScope } from '../selection/scope.ts'
import { createShardTest, shardSelectorOf } from '../selection/shard-split.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import { delay } from '../time/clock.ts'
import type { Arrivals } from './arrivals.ts'
import type { Engine } from './engine.ts'
import type { FeedOptions } from './feed.ts'
import { Feed } from './feed.ts'
import type { NeededReader, Reader, ReaderDifference, ReaderSet, RelistReason } from './reader-set.ts'
import { createReaderSet } from './reader-set.ts'
import type { WatchedScope } from './readiness.ts'
import { isSettled } from './readiness.ts'
import { createRecreatedObjects } from './recreated-objects.ts'
import type { ResumePoints } from './resumption.ts'
import type { Sharding } from './sharding.ts'

export interface ResourceReadersOptions {
  readonly kubernetes: KubernetesConfig
  readonly sharding: Pick<Sharding, 'split' | 'owns'>
  readonly engine: Engine
  readonly context: ReflectorContext
  readonly log: Pick<Log, 'debug' | 'warn'>
  readonly metrics: Pick<SelfMetrics, 'observeGauge'>
  /** Where first lists continue what another process has read. */
  readonly resumePoints: ResumePoints
  readonly arrivals: Pick<Arrivals, 'of'>
  /** Called when a first list is complete or refused. */
  readonly onChange: () => void
}

export interface ResourceReaders extends ReaderSet {
  /** Other objects are this shard's than before: reads them. What is still ours is not touched. */
  shardsChanged(): void
  /** Looks for objects that have been created again and belong to other shards. To be called about once a second. */
  lookForRecreated(): void
  /** Whether the API server was seen to ignore shard selectors. */
  readonly ignoresShardSelectors: boolean
}

/**
 * A resource is synced when all its scopes have been listed, but for those that are refused: a right that is missing in one
 * namespace silences no other.
 */
export function createResourceReaders(options: ResourceReadersOptions): ResourceReaders {
  const { engine, onChange, log } = options
  const settle = (resource: number): void => {
    if (engine.store.isSynced(resource)) return
    const scopes = readers.scopesOf(resource)
    const isAnyListed = scopes.length === 0 || scopes.some((scope) => scope.hasListed())
    if (isAnyListed && scopes.every(isSettled)) engine.markSynced(resource)
  }
  const onSettled = (resource: number) => {
    settle(resource)
    onChange()
  }
  const formOf = createWireForms(options.kubernetes)
  const selectors = observeShardSelectors(options)
  const scopes = createScopeChanges()
  const known: KnownParts = { formOf, onSettled, onUnselected: selectors.onUnselected, scopes }
  const readers = createReaderSet({ neededBy: (layout) => neededReaders(options, layout, known), log })
  const { context, sharding } = options
  const recreated = createRecreatedObjects({ engine, context, formOf, owns: sharding.owns })
  return {
    ...readers,
    lookForRecreated: recreated.look,
    get ignoresShardSelectors() {
      return selectors.areIgnored()
    },
    shardsChanged() {
      const rescoped = engine.store.registry.layouts
      if (options.sharding.split?.method === 'ranges') readers.apply({ added: [], changed: [], removed: [], rescoped })
      else readers.relist('shards_changed')
    },
    apply(difference) {
      readers.apply(difference)
      scopes.applied(difference)
      // The scopes that remain may all have been listed.
      for (const { id } of [...difference.added, ...difference.rescoped]) settle(id)
    },
  }
}

/** Logs once that shard selectors are ignored, and shows it in a self-metric. */
function observeShardSelectors({ log, metrics }: ResourceReadersOptions) {
  let areIgnored = false
  metrics.observeGauge(
    'kube_state_otlp_shard_selectors_ignored',
    '1 when the API server sent objects that the shard selector does not select, so that each shard reads everything, else 0.',
    () => [{ value: Number(areIgnored) }],
  )
  return {
    areIgnored: () => areIgnored,
    onUnselected() {
      if (areIgnored) return
      areIgnored = true
      log.warn(
        {},
        'the API server ignores shard selectors, so this shard reads the objects of all shards; enable its feature gate ShardedListAndWatch, or unset kubernetes.shard_selectors on all shards',
      )
    },
  }
}

type Layout = Pick<ResourceLayout, 'id' | 'plan'>

/** What the readers of all resources share. */
interface KnownParts {
  readonly formOf: (layout: Layout) => KnownForm
  readonly onSettled: (resource: number) => void
  readonly onUnselected: () => void
  readonly scopes: ScopeChanges
}

/** Whether objects that leave the scope of a resource are handed over, in the plan before the one that is being applied. */
interface ScopeChanges {
  /** Undefined for a resource that this plan adds. */
  handedOver(resource: number): boolean | undefined
  applied(difference: ReaderDifference): void
}

function createScopeChanges(): ScopeChanges {
  const handing = new Map<number, boolean>()
  return {
    handedOver: (resource) => handing.get(resource),
    applied({ added, rescoped, removed }) {
      for (const { id } of removed) handing.delete(id)
      for (const { id, plan } of [...added, ...rescoped]) handing.set(id, plan.scope?.handsOver === true)
    },
  }
}

function neededReaders(
  { sharding, engine, context, resumePoints, arrivals }: ResourceReadersOptions,
  { id, plan }: Layout,
  { formOf, onSettled, onUnselected, scopes }: KnownParts,
): NeededReader[] {
  const { resource, scope: { requests, handsOver } = createScope(resource) } = plan
  const shardSelector = sharding.split && shardSelectorOf(sharding.split)
  const feed: Omit<FeedOptions, 'history'> = {
    engine,
    resource: id,
    owns: sharding.owns,
    handsOver,
    firstListHandsOver: handsOver && scopes.handedOver(id) !== false,
    selects: sharding.split && shardSelector !== undefined ? createShardTest(sharding.split) : undefined,
    onUnselected,
    onSettled: () => onSettled(id),
    onResumed: (outcome, reason) => resumePoints.ended({ plan }, outcome, reason),
  }
  const resumeFrom = () => resumePoints.revisionFor({ id, plan })
  const { key: formKey, form, options } = formOf({ id, plan })
  // A list from the API server's cache may be older than what is stored.
  const useCache = options.useCache === true && engine.store.objects(id) === 0
  return requests.map((scope) => ({
    key: JSON.stringify([scope.namespace, scope.fieldSelector, scope.labelSelector, shardSelector, formKey]),
    create() {
      const handlers = new Feed({ ...feed, history: arrivals.of(id, scope.namespace) }, scope.namespace)
      const reflectorParts = {
        context,
        target: resource,
        scope: { ...scope, shardSelector },
        options: { ...options, useCache, resumeFrom },
        form,
        handlers,
      }
      return new ScopeReader(context, resource.plural, scope.namespace, handlers, createReflector(reflectorParts))
    },
  }))
}

export interface KnownForm {
  /** Equal for forms that request and decode the same. */
  readonly key: string
  readonly form: WireForm<KubernetesObject>
  readonly options: ReflectorOptions
}

/** The wire form of each resource, which all of its readers share; it changes with what is read of the objects. */
function createWireForms(kubernetes: KubernetesConfig): (layout: Layout) => KnownForm {
  const forms = new Map<number, KnownForm>()
  return ({ id, plan }) => {
    const { resource } = plan
    const options = reflectorOptions(kubernetes, plan)
    const { keepLastApplied, keepManagedFields } = options
    // Entries, since a member without paths is read whole.
    const reads = Object.entries(resource.reads ?? {})
    const key = JSON.stringify([resource.form, resource.kind, keepLastApplied, keepManagedFields, reads])
    const known = forms.get(id)
    if (known?.key === key) return known
    const form = { key, form: createWireForm(resource, options), options }
    forms.set(id, form)
    return form
  }
}

function reflectorOptions(kubernetes: KubernetesConfig, { resource, annotationKeys }: ResourcePlan): ReflectorOptions {
  const { keeps = [] } = resource
  return {
    ...kubernetes,
    keepLastApplied: annotationKeys?.(lastAppliedAnnotation) === true || keeps.includes('lastApplied'),
    keepManagedFields: keeps.includes('managedFields'),
  }
}

/** A class, since there may be thousands. */
class ScopeReader implements Reader, WatchedScope {
  readonly resource: string
  readonly namespace: string | undefined
  readonly #context: ReflectorContext
  readonly #feed: Feed
  readonly #reflector: Reflector

  constructor(
    context: ReflectorContext,
    resource: string,
    namespace: string | undefined,
    feed: Feed,
    reflector: Reflector,
  ) {
    this.#context = context
    this.resource = resource
    this.namespace = namespace
    this.#feed = feed
    this.#reflector = reflector
  }

  get scope(): WatchedScope {
    return this
  }

  hasListed(): boolean {
    return this.#feed.isListed
  }

  status(): ReflectorStatus {
    return this.#reflector.status()
  }

  relist(reason: RelistReason): void {
    if (reason === 'resource_changed') this.#feed.planChanged()
    this.#reflector.relist(reason)
  }

  revision(): number | undefined {
    if (!this.#feed.isListed && isSettled(this)) return undefined
    if (this.#feed.isOutdated) return 0
    return revisionIn(this.#feed.revision(this.#reflector.resourceVersion()))
  }

  run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#feed.stop(), { once: true })
    return keepRunning(this.#reflector, this.#context, this.resource, signal)
  }
}

const restartMs = 30_000

/** A reflector ends only with the signal; if a fault of ours ends it, it is logged and started again. */
export function keepRunning(
  reflector: Pick<Reflector, 'run'>,
  context: Pick<ReflectorContext, 'clock' | 'gate'>,
  resource: string,
  signal: AbortSignal,
): Promise<void> {
  return reflector.run(signal).catch(async (failure) => {
    context.gate.warn(
      `kubernetes/reflector/${resource}`,
      { resource, err: failure },
      `the reflector of ${resource} failed; starting it again in ${restartMs / 1000}s; please report it`,
    )
    await delay(context.clock, restartMs, signal)
    return signal.aborted ? undefined : keepRunning(reflector, context, resource, signal)
  })
}
