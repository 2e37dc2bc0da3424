/** Owns the secret: its metadata and type, read from table rows. Its data is never asked for. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { message, schema, string } from './schema.ts'

export const Secret = schema({ metadata: message(1, ObjectMeta), type: string(3) })
export type Secret = ObjectOf<typeof Secret>
