/** Owns the families of ingress classes. */

import { IngressClass } from '../../schemas/ingress-class.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf } from '../identity.ts'

const { info, created, annotations, labels } = familiesOf<IngressClass>()

export const ingressclasses = resource<IngressClass>({
  plural: 'ingressclasses',
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  namespaced: false,
  enabledByDefault: false,
  schema: IngressClass,
  identity: { ingressclass: nameOf },
  families: [
    info({
      name: 'kube_ingressclass_info',
      help: 'The controller that serves the ingress class; always 1.',
      stability: 'alpha',
      labels: { controller: ({ spec }) => spec.controller },
    }),
    created('kube_ingressclass_created', 'ingress class', 'alpha'),
    annotations('kube_ingressclass_annotations', 'ingress class'),
    labels('kube_ingressclass_labels', 'ingress class', 'alpha'),
  ],
})
