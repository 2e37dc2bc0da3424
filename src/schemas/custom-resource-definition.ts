/** CustomResourceDefinitions without the schemas of their kinds, which are nearly all of their bytes. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, list, message, schema, string } from './schema.ts'

export const CustomResourceDefinition = schema({
  metadata: message(1, ObjectMeta),
  spec: message(
    2,
    schema({
      group: string(1),
      names: message(3, schema({ plural: string(1), kind: string(4) })),
      scope: string(4),
      versions: list(message(7, schema({ name: string(1), served: bool(2) }))),
    }),
  ),
  status: message(3, schema({ conditions: list(message(1, schema({ type: string(1), status: string(2) }))) })),
})
export type CustomResourceDefinition = ObjectOf<typeof CustomResourceDefinition>
