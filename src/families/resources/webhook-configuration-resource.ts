/** Owns what mutating and validating webhook configurations have in common, which is all but names. */

import type { Webhook } from '../../schemas/webhook-configuration.ts'
import { WebhookConfiguration } from '../../schemas/webhook-configuration.ts'
import { familiesOf } from '../builders.ts'
import type { Resource } from '../family.ts'
import { resource } from '../family.ts'
import { admissionResource } from './admission.ts'

const { info, infoOfEach, created, resourceVersion } = familiesOf<WebhookConfiguration>()

interface WebhookConfigurationKind extends Pick<Resource<WebhookConfiguration>, 'plural' | 'kind' | 'identity'> {
  /** What help texts call it. */
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
      info({ name: names.info, help: `The ${subject} as such; always 1.`, stability: 'alpha', labels: {} }),
      created(names.created, subject, 'alpha'),
      resourceVersion(names.resourceVersion, subject),
      infoOfEach<Webhook>({
        name: names.service,
        help: `Each webhook of the ${subject} and the service it calls, empty where it calls none; always 1.`,
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
