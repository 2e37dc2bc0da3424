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
      help: 'Controller of the IngressClass, as a label; always 1.',
      stability: 'alpha',
      labels: { controller: ({ spec }) => spec.controller },
    }),
    created('kube_ingressclass_created', 'IngressClass', 'alpha'),
    annotations('kube_ingressclass_annotations', 'IngressClass'),
    labels('kube_ingressclass_labels', 'IngressClass', 'alpha'),
  ],
})
