import { admissionIdentity } from './admission-resource.ts'
import { webhookConfigurationResource } from './webhook-configuration-resource.ts'

export const mutatingwebhookconfigurations = webhookConfigurationResource({
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  identity: admissionIdentity('mutatingwebhookconfiguration'),
  subject: 'MutatingWebhookConfiguration',
  names: {
    info: 'kube_mutatingwebhookconfiguration_info',
    created: 'kube_mutatingwebhookconfiguration_created',
    resourceVersion: 'kube_mutatingwebhookconfiguration_metadata_resource_version',
    service: 'kube_mutatingwebhookconfiguration_webhook_clientconfig_service',
  },
})
