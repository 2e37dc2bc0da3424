import { admissionIdentity } from './admission-resource.ts'
import { webhookConfigurationResource } from './webhook-configuration-resource.ts'

export const validatingwebhookconfigurations = webhookConfigurationResource({
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  identity: admissionIdentity('validatingwebhookconfiguration'),
  subject: 'ValidatingWebhookConfiguration',
  names: {
    info: 'kube_validatingwebhookconfiguration_info',
    created: 'kube_validatingwebhookconfiguration_created',
    resourceVersion: 'kube_validatingwebhookconfiguration_metadata_resource_version',
    service: 'kube_validatingwebhookconfiguration_webhook_clientconfig_service',
  },
})
