/** Rules for custom resources that stand in objects of the cluster, as offline commands find them among manifests. */

import type { CustomResourcesConfig, NamedText } from '../config/custom-resources-config.ts'
import { textsOfConfigMap } from '../custom-resources/config-map-texts.ts'
import { monitorKind } from '../custom-resources/load-expressions.ts'
import { textOfMonitor } from '../custom-resources/monitors/monitor-text.ts'
import { monitorApiVersion } from '../custom-resources/monitors/read-monitor.ts'
import { parseLabelSelector } from '../families/selector.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import { ConfigMapData } from '../schemas/config-map-data.ts'
import { ResourceMetricsMonitor } from '../schemas/resource-metrics-monitor.ts'
import type { Manifest } from './manifests.ts'

/** The rules of manifests, in the order in which the running program uses them. */
export interface FoundRules {
  readonly texts: readonly NamedText[]
  /** Whether the manifest is one of those that hold rules. */
  isRuleSource(manifest: Manifest): boolean
}

const decodeConfigMap = compileJsonDecoder<ConfigMapData>(ConfigMapData)
const decodeMonitor = compileJsonDecoder<ResourceMetricsMonitor>(ResourceMetricsMonitor)

/** Finds what the configuration chooses. Throws DecodeError for an object that is not of its kind. */
export function findRules(config: CustomResourcesConfig, manifests: readonly Manifest[]): FoundRules {
  const chosen = new Map<Manifest, readonly NamedText[]>()
  for (const manifest of manifests) {
    const texts = isConfigMap(manifest)
      ? textsIfChosen(manifest, config)
      : isMonitor(manifest) && textIfRead(manifest, config)
    if (texts) chosen.set(manifest, texts)
  }
  const texts = [...chosen.values()].flat().sort((left, right) => (left.source < right.source ? -1 : 1))
  return { texts, isRuleSource: (manifest) => chosen.has(manifest) }
}

function textsIfChosen({ value }: Manifest, { configMaps }: CustomResourcesConfig): readonly NamedText[] | undefined {
  if (configMaps === undefined) return undefined
  const configMap = decodeConfigMap(value)
  const { namespace, labels } = configMap.metadata
  const isChosen = parseLabelSelector(configMaps.labelSelector)(labels) && isIn(configMaps, namespace)
  return isChosen ? textsOfConfigMap(configMap) : undefined
}

function textIfRead({ value }: Manifest, { monitors }: CustomResourcesConfig): readonly NamedText[] | undefined {
  if (monitors === undefined) return undefined
  const monitor = decodeMonitor(value)
  return isIn(monitors, monitor.metadata.namespace) ? [textOfMonitor(monitor)] : undefined
}

function isIn({ namespaces }: { readonly namespaces: readonly string[] }, namespace: string): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace)
}

const isConfigMap = ({ apiVersion, kind }: Manifest) => kind === 'ConfigMap' && apiVersion === 'v1'
const isMonitor = ({ apiVersion, kind }: Manifest) => kind === monitorKind && apiVersion === monitorApiVersion
