/** Families that several workload kinds share, with the same help texts. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { familiesOf } from '../builders.ts'
import type { Family, Stability } from '../family.ts'

interface Observed extends KubernetesObject {
  readonly status: { readonly observedGeneration: number }
}

interface Scaled extends KubernetesObject {
  readonly spec: { readonly replicas: number | undefined }
}

interface Terminating extends KubernetesObject {
  readonly status: { readonly terminatingReplicas: number | undefined }
}

/** The latest generation that the controller has processed. */
export function observedGeneration<T extends Observed>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Latest generation of the ${subject} that its controller has processed.`,
    stability: 'stable',
    of: ({ status }) => status.observedGeneration,
  })
}

/** The desired replicas; no sample when the spec leaves them out. */
export function desiredReplicas<T extends Scaled>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Number of desired replicas of the ${subject}.`,
    stability: 'stable',
    of: ({ spec }) => spec.replicas,
  })
}

/** The terminating pods; no sample when the cluster does not report them. */
export function terminatingReplicas<T extends Terminating>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Number of terminating replicas of the ${subject}; absent if the cluster does not report it.`,
    stability: 'alpha',
    of: ({ status }) => status.terminatingReplicas,
  })
}

/** A count from the status, always present: 0 when unset. */
export function statusCount<T extends KubernetesObject>(
  name: string,
  help: string,
  of: (object: T) => number,
  stability: Stability = 'stable',
): Family<T> {
  return familiesOf<T>().value({ name, help, stability, of })
}
