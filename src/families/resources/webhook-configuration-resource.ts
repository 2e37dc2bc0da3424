/** Mutating and validating webhook configurations share everything except names. */

import type { Webhook } from '../../schemas/webhook-configuration.ts'
import { WebhookConfiguration } from '../../schemas/webhook-configuration.ts'
import { familiesOf } from '../builders.ts'
import type { Resource } from '../family.ts'
import { resource } from '../family.ts'
import { admissionResource } from './admission-resource.ts'

const { info, infoOfEach, created, resourceVersion } = familiesOf<WebhookConfiguration>()

interface WebhookConfigurationKind extends Pick<Resource<WebhookConfiguration>, 'plural' | 'kind' | 'identity'> {
  /** The name of the kind in help texts. */
  readonly subject: string
  readonly names: Readonly<Record<'info' | 'created' | 'resourceVersion' | 'service', string>>
}

/** The resource of one kind of webhook configuration. */
export function webhookConfigurationResource(kind: WebhookConfigurationKind): Resource<WebhookConfiguration> {
  const { subject, names, ...own } = kind
  return resource<WebhookConfiguration>({
    ...admissionResource,
    ...own,
    schema: WebhookConfiguration,
    families: [
      info({ name: names.info, help: `1 for each ${subject}.`, stability: 'alpha', labels: {} }),
      created(names.created, subject, 'alpha'),
      resourceVersion(names.resourceVersion, subject),
      infoOfEach<Webhook>({
        name: names.service,
        help: `Webhooks of the ${subject} with the service they call (empty if called by URL), as labels; always 1.`,
        stability: 'alpha',
        each: ({ webhooks }) => webhooks,
        labels: {
          webhook_name: ({ name }) => name,
          service_name: ({ clientConfig }) => clientConfig.service?.name ?? '',
          service_namespace: ({ clientConfig }) => clientConfig.service?.namespace ?? '',
        },
      }),
    ],
  })
}
