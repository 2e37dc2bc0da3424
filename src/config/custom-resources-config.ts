/** The part of the configuration that is about custom resources. */

import type { Values } from './schema.ts'

/** A text that another room parses, and its name in messages. */
export interface NamedText {
  readonly source: string
  readonly text: string
}

/** The ConfigMaps whose data are files with rules. */
export interface RuleConfigMaps {
  readonly labelSelector: string
  /** Empty means all. */
  readonly namespaces: readonly string[]
}

/** The ResourceMetricsMonitor objects that are read. */
export interface RuleMonitors {
  /** Empty means all. */
  readonly namespaces: readonly string[]
}

/** Metrics of custom resources. */
export interface CustomResourcesConfig {
  /** The rules of the configuration itself; empty when there are none. */
  readonly texts: readonly NamedText[]
  /** Undefined when no ConfigMap has rules. */
  readonly configMaps?: RuleConfigMaps
  /** Undefined when objects of the kind are not read. */
  readonly monitors?: RuleMonitors
  /** Whether built-in resources are excluded. */
  readonly only: boolean
}

/** Of validated values, and the texts that they refer to. */
export function customResourcesOf(values: Values, texts: readonly NamedText[]): CustomResourcesConfig {
  const labelSelector = values.custom_resource_state_config_map_selector
  const namespaces = values.custom_resource_state_config_map_namespaces
  return {
    texts,
    only: values.custom_resources_only,
    ...(labelSelector !== undefined && { configMaps: { labelSelector, namespaces } }),
    ...(values.resource_metrics_monitors && { monitors: { namespaces: values.resource_metrics_monitor_namespaces } }),
  }
}
