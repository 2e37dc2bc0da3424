/** ResourceMetricsMonitor objects of the project resource-state-metrics, of which the whole JSON value is kept. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema, withRaw } from './schema.ts'

export const ResourceMetricsMonitor = withRaw(schema({ metadata: message(1, ObjectMeta) }))
export type ResourceMetricsMonitor = ObjectOf<typeof ResourceMetricsMonitor>
