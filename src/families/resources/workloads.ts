/** Owns the families that every kind of pod controller has: wanted and observed, in the same words. */

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

/** The generation that the controller has acted on. */
export function observedGeneration<T extends Observed>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Generation of the ${subject} that its controller has acted on.`,
    stability: 'stable',
    of: ({ status }) => status.observedGeneration,
  })
}

/** The replicas asked for; nothing where the specification leaves them out. */
export function desiredReplicas<T extends Scaled>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Pods that the ${subject} asks for.`,
    stability: 'stable',
    of: ({ spec }) => spec.replicas,
  })
}

/** The pods on their way out; nothing where the cluster does not count them. */
export function terminatingReplicas<T extends Terminating>(name: string, subject: string): Family<T> {
  return familiesOf<T>().value({
    name,
    help: `Pods of the ${subject} that are terminating; only where the cluster counts them.`,
    stability: 'alpha',
    of: ({ status }) => status.terminatingReplicas,
  })
}

/** A count of the status, which is there from the first: 0 when unset. `pods` says which pods are counted. */
export function statusCount<T extends KubernetesObject>(
  name: string,
  pods: string,
  of: (object: T) => number,
  stability: Stability = 'stable',
): Family<T> {
  return familiesOf<T>().value({ name, help: `${pods}, as the status counts them.`, stability, of })
}
