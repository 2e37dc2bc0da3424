/** ResourceMetricsMonitor objects of a cluster as the texts that files with them are. */

import { stringify } from 'yaml'
import { monitorKind } from '../load-expressions.ts'
import type { RuleText } from '../read-rules.ts'
import { monitorApiVersion } from './read-monitor.ts'

/** A monitor, with the JSON value of the object. */
interface MonitorObject {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly raw: unknown
}

/**
 * Lines are counted in the object as YAML with apiVersion, kind, metadata (namespace and name) and spec; its status and
 * everything else does not matter.
 */
export function textOfMonitor({ metadata: { namespace, name }, raw }: MonitorObject): RuleText {
  const { spec } = raw as { readonly spec?: unknown }
  const object = { apiVersion: monitorApiVersion, kind: monitorKind, metadata: { namespace, name }, spec: spec ?? {} }
  return { source: `${monitorKind} ${namespace}/${name}`, text: stringify(object, { aliasDuplicateObjects: false }) }
}
