/** Which objects of the cluster hold rules for custom resources: ConfigMaps that a label selector chooses, and ResourceMetricsMonitors. */

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

/** Reads the objects that the configuration names, each namespace by itself. */
export function readClusterRules({ customResources, ...options }: ClusterRulesOptions): void {
  const { configMaps: chosen, monitors: read } = customResources
  if (chosen !== undefined) {
    const { labelSelector, namespaces } = chosen
    const ofConfigMaps = { target: configMaps, title: 'configmaps with rules', textsOf: textsOfConfigMap }
    readEach(namespaces, { labelSelector }, ofConfigMaps, options)
  }
  if (read !== undefined) {
    const textsOf = (monitor: ResourceMetricsMonitor) => [textOfMonitor(monitor)]
    readEach(read.namespaces, {}, { target: monitors, title: monitors.plural, textsOf }, options)
  }
}

type RuleObjectsKind<T extends KubernetesObject> = Pick<RuleObjectsOptions<T>, 'target' | 'title' | 'textsOf'>

function readEach<T extends KubernetesObject>(
  namespaces: readonly string[],
  selector: Pick<ReflectorScope, 'labelSelector'>,
  kind: RuleObjectsKind<T>,
  { kubernetes, reading, ruleTexts, log }: Omit<ClusterRulesOptions, 'customResources'>,
): void {
  for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
    const onTexts = (texts: readonly NamedText[]) => {
      const sources = texts.map(({ source }) => source)
      log.info({ namespace, sources }, `rules for custom resources read from ${kind.title}`)
      return ruleTexts.found(`${kind.title}/${namespace ?? ''}`, texts)
    }
    const scope = { namespace, ...selector }
    reading.add((context, onChange) =>
      createRuleObjects({ ...kind, context, reflector: kubernetes, scope, onTexts, onChange }),
    )
  }
}
