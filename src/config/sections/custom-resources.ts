import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** Metrics of custom resources; the keys have the names of kube-state-metrics. */
export const customResourceSettings = {
  custom_resource_config: optional({
    doc: 'Rules for metrics of custom resources, as YAML in the format of kube-state-metrics; takes precedence over the file.',
    format: text('yaml'),
    flag: 'custom-resource-state-config',
    fileAliases: ['custom_resource_state_config'],
    reloads: true,
  }),
  custom_resource_state_config_file: optional({
    doc: 'Path of a YAML file with rules for metrics of custom resources, or of a folder with such files.',
    deviation: 'May also be a folder of such files.',
    format: text('path'),
    fileAliases: ['custom_resource_config_file'],
    reloads: true,
  }),
  continue_without_custom_resource_state_config_file: setting({
    doc: 'Start without rules if the file does not exist.',
    default: false,
    format: boolean,
  }),
  custom_resources_only: setting({
    doc: 'Only metrics of custom resources, not of built-in resources.',
    default: false,
    format: boolean,
    flag: 'custom-resource-state-only',
    fileAliases: ['custom_resource_state_only'],
  }),
}
