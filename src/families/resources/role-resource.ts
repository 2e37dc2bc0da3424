/** Roles and ClusterRoles share everything except names and scope. */

import { Role } from '../../schemas/role.ts'
import { familiesOf } from '../builders.ts'
import type { Resource } from '../family.ts'
import { resource } from '../family.ts'

const { annotations, labels, info, created, resourceVersion } = familiesOf<Role>()

interface RoleKind extends Pick<Resource<Role>, 'plural' | 'kind' | 'namespaced' | 'identity'> {
  /** The name of the kind in help texts. */
  readonly subject: string
  readonly names: Readonly<Record<'annotations' | 'labels' | 'info' | 'created' | 'resourceVersion', string>>
}

/** The resource of one kind of role. */
export function roleResource({ subject, names, ...own }: RoleKind): Resource<Role> {
  return resource<Role>({
    ...own,
    apiVersion: 'rbac.authorization.k8s.io/v1',
    enabledByDefault: false,
    schema: Role,
    families: [
      annotations(names.annotations, subject),
      labels(names.labels, subject, 'alpha'),
      info({ name: names.info, help: `1 for each ${subject}.`, stability: 'alpha', labels: {} }),
      created(names.created, subject, 'alpha'),
      resourceVersion(names.resourceVersion, subject),
    ],
  })
}
