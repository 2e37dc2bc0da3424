/** Which objects of the cluster hold rules for custom resources: ConfigMaps that a label selector chooses, and ResourceMetricsMonitors. */

import { isDeepStrictEqual } from 'node:util'
import type { KubernetesConfig } from '../config/config.ts'
import type { CustomResourcesConfig, NamedText } from '../config/custom-resources-config.ts'
import { textsOfConfigMap } from '../custom-resources/config-map-texts.ts'
import { monitorKind } from '../custom-resources/load-expressions.ts'
import { textOfMonitor } from '../custom-resources/monitors/monitor-text.ts'
import { monitorApiVersion } from '../custom-resources/monitors/read-monitor.ts'
import type { ReflectorScope } from '../kubernetes/reflector/target.ts'
import { ConfigMapData } from '../schemas/config-map-data.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import { ResourceMetricsMonitor } from '../schemas/resource-metrics-monitor.ts'
import type { Log } from '../telemetry/log.ts'
import { isAnswered } from './readiness.ts'
import type { Reading } from './reading.ts'
import type { RuleObjectsOptions } from './rule-objects.ts'
import { createRuleObjects } from './rule-objects.ts'
import type { RuleTexts } from './rule-texts.ts'

export interface ClusterRulesOptions {
  readonly customResources: CustomResourcesConfig
  readonly kubernetes: KubernetesConfig
  readonly reading: Reading
  readonly ruleTexts: RuleTexts
  readonly log: Log
}

const configMaps = {
  plural: 'configmaps',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  form: 'object',
  schema: ConfigMapData,
} as const

const monitors = {
  plural: 'resourcemetricsmonitors',
  apiVersion: monitorApiVersion,
  kind: monitorKind,
  form: 'object',
  schema: ResourceMetricsMonitor,
  reads: { spec: undefined },
} as const

/** The readers of objects that hold rules. */
export interface ClusterRules {
  /** Reads the objects that a changed configuration names, and no others. */
  select(customResources: CustomResourcesConfig): void
}

/** Reads the objects that the configuration names, each namespace by itself. */
export function readClusterRules({ customResources, ...options }: ClusterRulesOptions): ClusterRules {
  const ofConfigMaps = { target: configMaps, title: 'configmaps with rules', textsOf: textsOfConfigMap }
  const textsOf = (monitor: ResourceMetricsMonitor) => [textOfMonitor(monitor)]
  const selectConfigMaps = createRuleReaders(ofConfigMaps, options)
  const selectMonitors = createRuleReaders({ target: monitors, title: monitors.plural, textsOf }, options)
  const select = ({ configMaps: chosen, monitors: read }: CustomResourcesConfig) => {
    selectConfigMaps(chosen === undefined ? [] : scopesIn(chosen.namespaces, { labelSelector: chosen.labelSelector }))
    selectMonitors(read === undefined ? [] : scopesIn(read.namespaces, {}))
  }
  select(customResources)
  return { select }
}

function scopesIn(namespaces: readonly string[], selector: Pick<ReflectorScope, 'labelSelector'>): ReflectorScope[] {
  return (namespaces.length === 0 ? [undefined] : namespaces).map((namespace) => ({ namespace, ...selector }))
}

type RuleObjectsKind<T extends KubernetesObject> = Pick<RuleObjectsOptions<T>, 'target' | 'title' | 'textsOf'>

/**
 * Returns the function that reads the objects of a kind in other scopes than before. Rules stay in use until the objects of all new
 * scopes are listed, or the API server refuses to list them.
 */
function createRuleReaders<T extends KubernetesObject>(
  kind: RuleObjectsKind<T>,
  { kubernetes, reading, ruleTexts, log }: Omit<ClusterRulesOptions, 'customResources'>,
): (scopes: readonly ReflectorScope[]) => void {
  let current: readonly ReflectorScope[] = []
  let stops: readonly (() => void)[] = []
  let hasRules = false

  return (scopes) => {
    if (isDeepStrictEqual(scopes, current)) return
    current = scopes
    for (const stop of stops) stop()
    const texts = new Map<ReflectorScope, readonly NamedText[]>()
    const awaited = new Set(hasRules ? scopes : [])
    /** A reader that was stopped may still report what it has gathered. */
    const use = async () => {
      if (scopes !== current || awaited.size > 0) return
      const all = [...texts.values()].flat()
      if (all.length === 0 && !hasRules) return
      hasRules = all.length > 0
      await ruleTexts.found(kind.title, all)
    }
    stops = scopes.map((scope) => {
      const onTexts = async (found: readonly NamedText[]) => {
        const sources = found.map(({ source }) => source)
        log.info({ namespace: scope.namespace, sources }, `rules for custom resources read from ${kind.title}`)
        texts.set(scope, found)
        await use()
      }
      return reading.add((context, onChange) => {
        const onAnswered = () => {
          if (isAnswered(reader.scope) && awaited.delete(scope)) void use()
          onChange()
        }
        const ofObjects = { ...kind, context, reflector: kubernetes, scope, onTexts, onChange: onAnswered }
        const reader = createRuleObjects(ofObjects)
        return reader
      })
    })
    if (scopes.length === 0) void use()
  }
}
