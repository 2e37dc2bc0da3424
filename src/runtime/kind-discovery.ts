/**
 * The kinds that an API server serves, kept up to date: CustomResourceDefinitions are watched; of the groups that have
 * kinds without a definition (aggregated and built-in ones) the discovery documents are read from time to time.
 */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { readApiResources } from '../kubernetes/discovery/api-resources.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type { ReflectorContext, ReflectorOptions } from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'
import { createGroupPolling } from './group-polling.ts'
import { KindCatalogue } from './kind-catalogue.ts'
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

/** The reader of definitions and documents. It never rejects, and needs no right but to watch definitions. */
export function createKindDiscovery(options: KindDiscoveryOptions): Reader {
  const { context, groups, onKinds, pollMs = defaultPollMs } = options
  // The limit is for objects that have metrics.
  const reflectorOptions = { ...options.reflector, objectLimit: 0 }
  const { clock, metrics, gate } = context
  const catalogue = new KindCatalogue()
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
      listBegan: () => catalogue.beginList(),
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

  const pollGroups = createGroupPolling({
    ...{ clock, gate, groups, pollMs },
    read: (group, signal) => readApiResources(context.client, group, signal),
    onKinds(group, kinds) {
      if (catalogue.document(group, kinds)) publish()
    },
  })
  return {
    scope: {
      resource: definitions.plural,
      namespace: undefined,
      hasListed: () => isPublished,
      status: () => reflector.status(),
    },
    relist: (reason) => reflector.relist(reason),
    revision: () => undefined,
    async run(signal) {
      await Promise.all([reflector.run(signal), pollGroups(signal)])
    },
  }
}
