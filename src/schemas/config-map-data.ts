/** ConfigMaps with their data, for those that hold rules; of all others only metadata is requested. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { map, message, schema, string } from './schema.ts'

export const ConfigMapData = schema({ metadata: message(1, ObjectMeta), data: map(string(2)) })
export type ConfigMapData = ObjectOf<typeof ConfigMapData>
