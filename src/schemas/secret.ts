/** Metadata and type, read from table rows. The data of a secret is never requested. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema, string } from './schema.ts'

export const Secret = schema({ metadata: message(1, ObjectMeta), type: string(3) })
export type Secret = ObjectOf<typeof Secret>
