import { Ingress } from '../../schemas/ingress.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const { info, annotations, labels, created, resourceVersion, freeGauge, observableGauge } = familiesOf<Ingress>()

/** The annotation that preceded the class field; it takes precedence, even when empty. */
const classAnnotation = 'kubernetes.io/ingress.class'

const serviceLabels = ['host', 'path', 'path_type', 'service_name', 'service_port']
const resourceLabels = ['host', 'path', 'path_type', 'resource_api_group', 'resource_kind', 'resource_name']

export const ingresses = resource<Ingress>({
  plural: 'ingresses',
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  namespaced: true,
  enabledByDefault: true,
  schema: Ingress,
  identity: { namespace: namespaceOf, ingress: nameOf },
  families: [
    info({
      name: 'kube_ingress_info',
      help: 'Class of the ingress, as a label (`_default` when unset); always 1.',
      stability: 'stable',
      labels: {
        ingressclass: ({ metadata, spec }) =>
          metadata.annotations.get(classAnnotation) ?? spec.ingressClassName ?? '_default',
      },
    }),
    annotations('kube_ingress_annotations', 'ingress'),
    labels('kube_ingress_labels', 'ingress'),
    created('kube_ingress_created', 'ingress'),
    resourceVersion('kube_ingress_metadata_resource_version', 'ingress'),
    freeGauge({
      name: 'kube_ingress_path',
      help: 'Paths of the ingress with their host and backend, as labels; always 1.',
      stability: 'stable',
      labelSets: [serviceLabels, resourceLabels],
      callback({ spec }, observe) {
        for (const { host, http } of spec.rules) {
          for (const { path, pathType = '', backend } of http?.paths ?? []) {
            const { service, resource } = backend
            if (service !== undefined) {
              observe(1, serviceLabels, [host, path, pathType, service.name, String(service.port.number)])
            } else if (resource !== undefined) {
              const { apiGroup = '', kind, name } = resource
              observe(1, resourceLabels, [host, path, pathType, apiGroup, kind, name])
            }
          }
        }
      },
    }),
    observableGauge({
      name: 'kube_ingress_tls',
      help: 'TLS hosts of the ingress with the secret that holds their certificate, as labels; always 1.',
      stability: 'stable',
      labels: ['tls_host', 'secret'],
      callback({ spec }, observe) {
        for (const { hosts, secretName } of spec.tls) {
          for (const host of hosts) observe(1, host, secretName)
        }
      },
    }),
  ],
})
