/** The identity of a lease is its name alone, so each family adds the namespace among its own labels. */

import { Lease } from '../../schemas/lease.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { ownersOf } from '../metadata-families.ts'

const { infoOfEach, observableGauge } = familiesOf<Lease>()

export const leases = resource<Lease>({
  plural: 'leases',
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespaced: true,
  enabledByDefault: true,
  schema: Lease,
  identity: { lease: nameOf },
  families: [
    infoOfEach({
      name: 'kube_lease_owner',
      help: 'Owners and holder of the lease, as labels; always 1.',
      stability: 'alpha',
      each: ownersOf,
      labels: {
        owner_kind: ({ kind }) => kind,
        owner_name: ({ name }) => name,
        namespace: (_owner, lease) => namespaceOf(lease),
        lease_holder: (_owner, { spec }) => spec.holderIdentity ?? '',
      },
    }),
    observableGauge({
      name: 'kube_lease_renew_time',
      help: 'Unix time when the holder last renewed the lease.',
      stability: 'alpha',
      labels: ['namespace'],
      callback({ metadata, spec }, observe) {
        if (spec.renewTime !== undefined) observe(spec.renewTime, metadata.namespace)
      },
    }),
  ],
})
