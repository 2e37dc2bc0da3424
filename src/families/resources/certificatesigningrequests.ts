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
    annotations('kube_certificatesigningrequest_annotations', 'CertificateSigningRequest'),
    labels('kube_certificatesigningrequest_labels', 'CertificateSigningRequest'),
    created('kube_certificatesigningrequest_created', 'CertificateSigningRequest'),
    observableGauge({
      name: 'kube_certificatesigningrequest_condition',
      help: 'Number of conditions of each type on the CertificateSigningRequest, regardless of their status.',
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
      help: 'Length of the issued certificate in bytes; 0 until it is issued.',
      stability: 'stable',
      of: ({ status }) => status.certificate,
    }),
  ],
})
