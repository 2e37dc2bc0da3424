import { NetworkPolicy } from '../../schemas/network-policy.ts'
import { zeroTimeSeconds } from '../../schemas/timestamps.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { timestamp, annotations, labels, value } = familiesOf<NetworkPolicy>()

export const networkpolicies = resource<NetworkPolicy>({
  plural: 'networkpolicies',
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  namespaced: true,
  enabledByDefault: true,
  schema: NetworkPolicy,
  identity: { namespace: namespaceOf, networkpolicy: nameOf },
  families: [
    // KSM reports this creation time even when it is unset, unlike all others.
    timestamp({
      name: 'kube_networkpolicy_created',
      help: 'Unix time when the NetworkPolicy was created.',
      stability: 'alpha',
      at: ({ metadata }) => metadata.creationTimestamp ?? zeroTimeSeconds,
    }),
    annotations('kube_networkpolicy_annotations', 'NetworkPolicy'),
    labels('kube_networkpolicy_labels', 'NetworkPolicy', 'alpha'),
    value({
      name: 'kube_networkpolicy_spec_ingress_rules',
      help: 'Number of rules for ingress traffic.',
      stability: 'alpha',
      of: ({ spec }) => spec.ingress.length,
    }),
    value({
      name: 'kube_networkpolicy_spec_egress_rules',
      help: 'Number of rules for egress traffic.',
      stability: 'alpha',
      of: ({ spec }) => spec.egress.length,
    }),
  ],
})
