/** Which objects of the cluster hold rules for custom resources: ConfigMaps that a label selector chooses. */

import type { KubernetesConfig } from '../config/config.ts'
import type { CustomResourcesConfig, NamedText, RuleConfigMaps } from '../config/custom-resources-config.ts'
import { textsOfConfigMap } from '../custom-resources/config-map-texts.ts'
import { ConfigMapData } from '../schemas/config-map-data.ts'
import type { Log } from '../telemetry/log.ts'
import type { Reading } from './reading.ts'
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

/** Reads the objects that the configuration names, each namespace by itself. */
export function readClusterRules({ customResources, ...options }: ClusterRulesOptions): void {
  if (customResources.configMaps !== undefined) readConfigMaps(customResources.configMaps, options)
}

function readConfigMaps(
  { labelSelector, namespaces }: RuleConfigMaps,
  { kubernetes, reading, ruleTexts, log }: Omit<ClusterRulesOptions, 'customResources'>,
): void {
  for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
    const onTexts = (texts: readonly NamedText[]) => {
      const sources = texts.map(({ source }) => source)
      log.info({ namespace, sources }, 'rules for custom resources read from ConfigMaps')
      return ruleTexts.found(`configmaps/${namespace ?? ''}`, texts)
    }
    reading.add((context, onChange) =>
      createRuleObjects({
        ...{
          context,
          reflector: kubernetes,
          target: configMaps,
          scope: { namespace, labelSelector },
          onTexts,
          onChange,
        },
        title: 'configmaps with rules',
        textsOf: textsOfConfigMap,
      }),
    )
  }
}
