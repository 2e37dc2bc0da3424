/** RoleBindings and ClusterRoleBindings share everything except names and scope. */

import { RoleBinding } from '../../schemas/role-binding.ts'
import { familiesOf } from '../builders.ts'
import type { Resource } from '../family.ts'
import { resource } from '../family.ts'

const { annotations, labels, info, created, resourceVersion } = familiesOf<RoleBinding>()

interface RoleBindingKind extends Pick<Resource<RoleBinding>, 'plural' | 'kind' | 'namespaced' | 'identity'> {
  /** The name of the kind in help texts. */
  readonly subject: string
  readonly names: Readonly<Record<'annotations' | 'labels' | 'info' | 'created' | 'resourceVersion', string>>
}

/** The resource of one kind of role binding. */
export function roleBindingResource({ subject, names, ...own }: RoleBindingKind): Resource<RoleBinding> {
  return resource<RoleBinding>({
    ...own,
    apiVersion: 'rbac.authorization.k8s.io/v1',
    enabledByDefault: false,
    schema: RoleBinding,
    families: [
      annotations(names.annotations, subject),
      labels(names.labels, subject, 'alpha'),
      info({
        name: names.info,
        help: `Role granted by the ${subject}, as labels; always 1.`,
        stability: 'alpha',
        labels: { roleref_kind: ({ roleRef }) => roleRef.kind, roleref_name: ({ roleRef }) => roleRef.name },
      }),
      created(names.created, subject, 'alpha'),
      resourceVersion(names.resourceVersion, subject),
    ],
  })
}
