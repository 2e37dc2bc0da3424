/** Owns the families of network policies. */

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
    // The one creation time that KSM prints even when it is unset.
    timestamp({
      name: 'kube_networkpolicy_created',
      help: 'Unix time at which the network policy was created.',
      stability: 'alpha',
      at: ({ metadata }) => metadata.creationTimestamp ?? zeroTimeSeconds,
    }),
    annotations('kube_networkpolicy_annotations', 'network policy'),
    labels('kube_networkpolicy_labels', 'network policy', 'alpha'),
    value({
      name: 'kube_networkpolicy_spec_ingress_rules',
      help: 'Number of rules for incoming traffic.',
      stability: 'alpha',
      of: ({ spec }) => spec.ingress.length,
    }),
    value({
      name: 'kube_networkpolicy_spec_egress_rules',
      help: 'Number of rules for outgoing traffic.',
      stability: 'alpha',
      of: ({ spec }) => spec.egress.length,
    }),
  ],
})
