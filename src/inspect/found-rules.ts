/** Rules for custom resources that stand in objects of the cluster, as offline commands find them among manifests. */

import type { CustomResourcesConfig, NamedText } from '../config/custom-resources-config.ts'
import { textsOfConfigMap } from '../custom-resources/config-map-texts.ts'
import { parseLabelSelector } from '../families/selector.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import { ConfigMapData } from '../schemas/config-map-data.ts'
import type { Manifest } from './manifests.ts'

/** The rules of manifests, in the order in which the running program uses them. */
export interface FoundRules {
  readonly texts: readonly NamedText[]
  /** Whether the manifest is one of those that hold rules. */
  isRuleSource(manifest: Manifest): boolean
}

const decodeConfigMap = compileJsonDecoder<ConfigMapData>(ConfigMapData)

/** Finds what the configuration chooses. Throws DecodeError for a ConfigMap that is none. */
export function findRules({ configMaps }: CustomResourcesConfig, manifests: readonly Manifest[]): FoundRules {
  const chosen = new Map<Manifest, readonly NamedText[]>()
  if (configMaps !== undefined) {
    const { labelSelector, namespaces } = configMaps
    const hasLabels = parseLabelSelector(labelSelector)
    for (const manifest of manifests.filter(isConfigMap)) {
      const configMap = decodeConfigMap(manifest.value)
      const { namespace, labels } = configMap.metadata
      const isChosen = hasLabels(labels) && (namespaces.length === 0 || namespaces.includes(namespace))
      if (isChosen) chosen.set(manifest, textsOfConfigMap(configMap))
    }
  }
  const texts = [...chosen.values()].flat().sort((left, right) => (left.source < right.source ? -1 : 1))
  return { texts, isRuleSource: (manifest) => chosen.has(manifest) }
}

const isConfigMap = ({ apiVersion, kind }: Manifest) => kind === 'ConfigMap' && apiVersion === 'v1'
