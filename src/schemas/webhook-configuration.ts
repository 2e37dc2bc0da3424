/** Mutating and validating webhook configurations, which are equal in the fields that families read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { list, message, pointer, schema, string } from './schema.ts'

const Webhook = schema({
  name: string(1),
  clientConfig: message(2, schema({ service: pointer(message(1, schema({ namespace: string(1), name: string(2) }))) })),
})
export type Webhook = ObjectOf<typeof Webhook>

export const WebhookConfiguration = schema({
  metadata: message(1, ObjectMeta),
  webhooks: list(message(2, Webhook)),
})
export type WebhookConfiguration = ObjectOf<typeof WebhookConfiguration>
