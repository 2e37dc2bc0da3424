/** Owns the families of certificate signing requests. */

import { CertificateSigningRequest } from '../../schemas/certificate-signing-request.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { annotations, labels, created, observableGauge, value } = familiesOf<CertificateSigningRequest>()

const decisions = ['approved', 'denied', 'failed'] as const
const conditionTypes = ['Approved', 'Denied', 'Failed'] as const

export const certificatesigningrequests = resource<CertificateSigningRequest>({
  plural: 'certificatesigningrequests',
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  namespaced: false,
  enabledByDefault: true,
  schema: CertificateSigningRequest,
  identity: { certificatesigningrequest: nameOf, signer_name: ({ spec }) => spec.signerName },
  families: [
    annotations('kube_certificatesigningrequest_annotations', 'certificate signing request'),
    labels('kube_certificatesigningrequest_labels', 'certificate signing request'),
    created('kube_certificatesigningrequest_created', 'certificate signing request'),
    observableGauge({
      name: 'kube_certificatesigningrequest_condition',
      help: 'How many conditions of each type the certificate signing request has, whatever their status.',
      stability: 'stable',
      labels: ['condition'],
      callback({ status }, observe) {
        const counts = [0, 0, 0]
        for (const { type } of status.conditions) {
          const index = conditionTypes.indexOf(type as (typeof conditionTypes)[number])
          if (index >= 0) counts[index]! += 1
        }
        for (const [index, decision] of decisions.entries()) observe(counts[index]!, decision)
      },
    }),
    value({
      name: 'kube_certificatesigningrequest_cert_length',
      help: 'Size in bytes of the certificate that was issued; 0 before.',
      stability: 'stable',
      of: ({ status }) => status.certificate,
    }),
  ],
})
