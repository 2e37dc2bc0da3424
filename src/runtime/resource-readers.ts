/** The readers of one resource: a reflector with its feed for each of its scopes. */

import type { KubernetesConfig, SelectionConfig } from '../config/config.ts'
import { lastAppliedAnnotation } from '../kubernetes/decode/stream-forms.ts'
import type { Reflector } from '../kubernetes/reflector/reflector.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type { ReflectorStatus } from '../kubernetes/reflector/reflector-state.ts'
import type { ReflectorContext, ReflectorOptions } from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import type { ResourceLayout } from '../rows/layout.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import { scopedRequests } from '../selection/scope.ts'
import { createShardTest } from '../selection/shard-test.ts'
import { delay } from '../time/clock.ts'
import type { Engine } from './engine.ts'
import type { FeedOptions } from './feed.ts'
import { Feed } from './feed.ts'
import type { Reader } from './reader-set.ts'
import type { WatchedScope } from './readiness.ts'

export interface ResourceReadersOptions {
  readonly kubernetes: KubernetesConfig
  readonly selection: SelectionConfig
  readonly engine: Engine
  readonly context: ReflectorContext
  /** Called when a first list is complete or refused. */
  readonly onChange: () => void
}

/**
 * The resource is synced when all scopes have been listed, but for those that are refused: a right that is missing in one
 * namespace silences no other.
 */
export function createResourceReaders(
  { selection, kubernetes, engine, context, onChange }: ResourceReadersOptions,
  { id, plan }: Pick<ResourceLayout, 'id' | 'plan'>,
): Reader[] {
  const { resource } = plan
  const requests = scopedRequests(resource, selection)
  const listed = new Set<string | undefined>()
  const settled = new Set<string | undefined>()
  const settle = (namespace: string | undefined): void => {
    settled.add(namespace)
    if (listed.size > 0 && settled.size === requests.length) engine.markSynced(id)
    onChange()
  }
  if (requests.length === 0) engine.markSynced(id)
  const feed: FeedOptions = {
    engine,
    resource: id,
    admits: createShardTest(selection),
    // A pod that is scheduled leaves this selection as deleted; the instance of its node owns it from then on.
    handsOver: selection.trackUnscheduledPods && resource.plural === 'pods',
    onListed(namespace) {
      listed.add(namespace)
      settle(namespace)
    },
    onRefused: settle,
  }
  const options = reflectorOptions(kubernetes, plan)
  const form = createWireForm(resource, options)
  return requests.map((scope) => {
    const handlers = new Feed(feed, scope.namespace)
    const reflector = createReflector({ context, target: resource, scope, options, form, handlers })
    return new ScopeReader(context, resource.plural, scope.namespace, handlers, reflector)
  })
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

  relist(): void {
    this.#reflector.relist()
  }

  run(signal: AbortSignal): Promise<void> {
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
