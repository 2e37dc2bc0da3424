/** Keys of custom resource state metrics, under the names of kube-state-metrics. */
import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** Where the rules for custom resources are, and what else is watched. */
export const customResourceSettings = {
  custom_resource_config: optional({
    doc: 'Rules for metrics of custom resources, as YAML in the format of kube-state-metrics; wins over the file.',
    format: text('yaml'),
    flag: 'custom-resource-state-config',
    fileAliases: ['custom_resource_state_config'],
  }),
  custom_resource_state_config_file: optional({
    doc: 'Path of a YAML file with rules for metrics of custom resources.',
    format: text('path'),
    fileAliases: ['custom_resource_config_file'],
  }),
  continue_without_custom_resource_state_config_file: setting({
    doc: 'Start without the file of rules if it does not exist.',
    default: false,
    format: boolean,
  }),
  custom_resources_only: setting({
    doc: 'Serve the metrics of custom resources alone.',
    default: false,
    format: boolean,
    flag: 'custom-resource-state-only',
    fileAliases: ['custom_resource_state_only'],
  }),
}
