/**
 * The kinds that an API server serves, kept up to date: CustomResourceDefinitions are watched; of the groups that have
 * kinds without a definition (aggregated and built-in ones) the discovery documents are read from time to time.
 */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { kindsOfDefinition } from '../custom-resources/served-kind.ts'
import { delay } from '../kubernetes/clock.ts'
import { readApiResources } from '../kubernetes/discovery/api-resources.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type { ReflectorContext, ReflectorOptions } from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'
import type { Reader } from './reader-set.ts'

export interface KindDiscoveryOptions {
  readonly context: ReflectorContext
  readonly reflector: ReflectorOptions
  /** The groups whose kinds are wanted at present. */
  readonly groups: () => readonly string[]
  /** Called whenever the kinds may have changed, and once when something is known for the first time. */
  readonly onKinds: (kinds: readonly ServedKind[]) => void
  /** Time between two readings of a group's discovery documents. */
  readonly pollMs?: number
}

const definitions = {
  plural: 'customresourcedefinitions',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  form: 'object',
  schema: CustomResourceDefinition,
} as const

/** Changes that come together, as those of an operator's installation, are one. */
const gatherMs = 50
const defaultPollMs = 30_000
/** How often it looks for groups that are due: those of changed rules are due at once. */
const lookMs = 2000

/** The reader of definitions and documents. It never rejects, and needs no right but to watch definitions. */
export function createKindDiscovery(options: KindDiscoveryOptions): Reader {
  const { context, reflector: reflectorOptions, groups, onKinds } = options
  const { clock, metrics, gate } = context
  const catalogue = createKindCatalogue()
  let isListed = false
  let isPublished = false
  let isScheduled = false

  const publish = () => {
    if (isScheduled) return
    isScheduled = true
    clock.after(gatherMs, () => {
      isScheduled = false
      isPublished = isListed
      onKinds(catalogue.kinds())
    })
  }
  const reflector = createReflector<CustomResourceDefinition>({
    context,
    target: definitions,
    scope: {},
    options: reflectorOptions,
    form: createWireForm(definitions, reflectorOptions),
    handlers: {
      listBegan: catalogue.beginList,
      upserted(definition) {
        if (catalogue.define(definition)) metrics.customResourceDefinitionAdded()
        if (isListed) publish()
      },
      deleted({ metadata }) {
        if (catalogue.remove(metadata.uid)) metrics.customResourceDefinitionDeleted()
        publish()
      },
      listEnded() {
        for (let gone = catalogue.endList(); gone > 0; gone--) metrics.customResourceDefinitionDeleted()
        isListed = true
        publish()
      },
    },
  })
  metrics.observeGauge(
    'kube_state_metrics_custom_resource_state_cache',
    'Number of CustomResourceDefinitions that are known.',
    () => [{ value: catalogue.definitions }],
  )

  const pollGroup = async (group: string, signal: AbortSignal): Promise<void> => {
    try {
      if (catalogue.document(group, await readApiResources(context.client, group, signal))) publish()
    } catch (error) {
      const name = group === '' ? 'core' : group
      const message = `the API group ${name} does not answer; its kinds stay as they are, asking again`
      if (!signal.aborted) gate.warn(`discovery/${group}`, { group: name, err: error }, message)
    }
  }
  /** Each group by itself: one that does not answer delays no other. */
  const pollGroups = async (signal: AbortSignal): Promise<void> => {
    const dueMs = new Map<string, number>()
    const polling = new Map<string, Promise<void>>()
    while (!signal.aborted) {
      for (const group of groups()) {
        if (polling.has(group) || (dueMs.get(group) ?? 0) > clock.now()) continue
        const poll = pollGroup(group, signal).finally(() => {
          polling.delete(group)
          dueMs.set(group, clock.now() + (options.pollMs ?? defaultPollMs))
        })
        polling.set(group, poll)
      }
      await delay(clock, lookMs, signal)
    }
    await Promise.all(polling.values())
  }
  return {
    scope: {
      resource: definitions.plural,
      namespace: undefined,
      hasListed: () => isPublished,
      status: () => reflector.status(),
    },
    relist: () => reflector.relist(),
    async run(signal) {
      await Promise.all([reflector.run(signal), pollGroups(signal)])
    },
  }
}

/** Kinds by where they are known from. */
function createKindCatalogue() {
  const defined = new Map<string, { readonly kinds: readonly ServedKind[]; round: number }>()
  const documented = new Map<string, readonly ServedKind[]>()
  /**
   * Kinds that had a definition at any time are taken from definitions alone: discovery documents go on listing a deleted
   * one for a while.
   */
  const everDefined = new Set<string>()
  const nameOf = ({ group, kind }: Pick<ServedKind, 'group' | 'kind'>) => `${group} ${kind}`
  let round = 0
  return {
    get definitions() {
      return defined.size
    },
    beginList() {
      round++
    },
    /** Whether the definition is new. */
    define(definition: CustomResourceDefinition): boolean {
      const { uid } = definition.metadata
      const isNew = !defined.has(uid)
      defined.set(uid, { kinds: kindsOfDefinition(definition), round })
      everDefined.add(nameOf({ group: definition.spec.group, kind: definition.spec.names.kind }))
      return isNew
    },
    remove: (uid: string) => defined.delete(uid),
    /** Removes what the list did not have; returns how many. */
    endList(): number {
      const gone = [...defined].filter(([, entry]) => entry.round < round)
      for (const [uid] of gone) defined.delete(uid)
      return gone.length
    },
    /** Whether the documents of a group say anything new. */
    document(group: string, kinds: readonly ServedKind[]): boolean {
      const before = JSON.stringify(documented.get(group))
      documented.set(group, kinds)
      return JSON.stringify(kinds) !== before
    },
    kinds: (): ServedKind[] => [
      ...[...defined.values()].flatMap(({ kinds }) => kinds),
      ...[...documented.values()].flat().filter((kind) => !everDefined.has(nameOf(kind))),
    ],
  }
}
