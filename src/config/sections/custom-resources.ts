import { parseLabelSelector, SelectorError } from '../../families/selector.ts'
import { boolean, text } from '../formats/format.ts'
import { list } from '../formats/list.ts'
import { optional, setting } from '../setting.ts'

const none: readonly string[] = []

/** What is expected instead of a selector that does not parse. */
function checkLabelSelector(selector: string): string | undefined {
  try {
    parseLabelSelector(selector)
    return undefined
  } catch (error) {
    if (error instanceof SelectorError) return error.message.replace(/^expected (.*), got .*$/s, '$1')
    throw error
  }
}

/** Metrics of custom resources; the keys have the names of kube-state-metrics, as far as it has them. */
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
    reloads: true,
    doc: 'Start without rules if the file does not exist.',
    default: false,
    format: boolean,
  }),
  custom_resource_state_config_map_selector: optional({
    reloads: true,
    doc: 'Label selector of ConfigMaps whose data are files with rules for metrics of custom resources, such as rules=custom-resources; they are watched.',
    format: text('selector', checkLabelSelector),
  }),
  custom_resource_state_config_map_namespaces: setting({
    reloads: true,
    doc: 'Namespaces in which the ConfigMaps are looked for. Default: all.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  resource_metrics_monitors: setting({
    reloads: true,
    doc: 'Take rules for metrics of custom resources from the ResourceMetricsMonitor objects of the cluster as well; they are watched.',
    default: false,
    format: boolean,
  }),
  resource_metrics_monitor_namespaces: setting({
    reloads: true,
    doc: 'Namespaces in which ResourceMetricsMonitor objects are looked for. Default: all.',
    default: none,
    format: list('names', { file: 'list' }),
  }),
  custom_resources_only: setting({
    reloads: true,
    doc: 'Only metrics of custom resources, not of built-in resources.',
    default: false,
    format: boolean,
    flag: 'custom-resource-state-only',
    fileAliases: ['custom_resource_state_only'],
  }),
}
