/** The metadata fields that identity labels are read from. */

import type { KubernetesObject } from '../schemas/object-meta.ts'

/** The namespace; `''` for cluster-scoped objects. */
export const namespaceOf = ({ metadata }: KubernetesObject) => metadata.namespace

/** The name. */
export const nameOf = ({ metadata }: KubernetesObject) => metadata.name

/** The UID. */
export const uidOf = ({ metadata }: KubernetesObject) => metadata.uid
