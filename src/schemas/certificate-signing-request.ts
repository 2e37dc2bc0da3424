/** Only the length of the certificate is read. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { byteLength, list, message, schema, string } from './schema.ts'

export const CertificateSigningRequest = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ signerName: string(7) })),
  status: message(
    3,
    schema({
      conditions: list(message(1, schema({ type: string(1) }))),
      certificate: byteLength(2),
    }),
  ),
})
export type CertificateSigningRequest = ObjectOf<typeof CertificateSigningRequest>
