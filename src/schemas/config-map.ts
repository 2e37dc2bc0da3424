/** Only the metadata of ConfigMaps is requested. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema } from './schema.ts'

export const ConfigMap = schema({ metadata: message(1, ObjectMeta) })
export type ConfigMap = ObjectOf<typeof ConfigMap>
