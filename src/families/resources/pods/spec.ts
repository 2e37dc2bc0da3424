/** The families of a pod's spec: overhead, claims, volumes, policies and placement. */

import type { Pod, Toleration, Volume } from '../../../schemas/pod.ts'
import { quantityMilliValue, quantityValue } from '../../../schemas/quantity.ts'
import { familiesOf } from '../../builders.ts'
import type { Family } from '../../family.ts'

const { observableGauge, value, info, owner, copied } = familiesOf<Pod>()

function overheadOf({ spec }: Pod, name: string, read: (quantity: string) => number): number | undefined {
  const quantity = spec.overhead.get(name)
  return quantity === undefined ? undefined : read(quantity)
}

/** The name in the spec takes precedence over the generated name in the status. */
function resolvedClaim({ status }: Pod, claim: string, own: string | undefined): string {
  if (own !== undefined) return own
  for (const { name, resourceClaimName } of status.resourceClaimStatuses) {
    if (name === claim) return resourceClaimName ?? ''
  }
  return ''
}

/** The name of the claim behind a volume; undefined for volumes without claim. */
function claimOf({ persistentVolumeClaim, ephemeral, name }: Volume, pod: Pod): string | undefined {
  if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName
  return ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`
}

/** One row per volume with a claim. */
function claims(name: string, help: string, of: (volume: Volume) => number): Family<Pod> {
  return observableGauge({
    name,
    help,
    stability: 'stable',
    labels: ['volume', 'persistentvolumeclaim', 'ephemeral'],
    callback(pod, observe) {
      for (const volume of pod.spec.volumes) {
        const claim = claimOf(volume, pod)
        if (claim === undefined) continue
        observe(of(volume), volume.name, claim, volume.persistentVolumeClaim === undefined ? 'true' : 'false')
      }
    },
  })
}

/** From the overhead to the volumes, in the order of the output. */
export const requirementFamilies: readonly Family<Pod>[] = [
  value({
    name: 'kube_pod_overhead_cpu_cores',
    help: 'CPU overhead of the pod sandbox in cores.',
    stability: 'alpha',
    of: (pod) => overheadOf(pod, 'cpu', quantityMilliValue),
  }),
  value({
    name: 'kube_pod_overhead_memory_bytes',
    help: 'Memory overhead of the pod sandbox in bytes.',
    stability: 'alpha',
    of: (pod) => overheadOf(pod, 'memory', quantityValue),
  }),
  owner({
    name: 'kube_pod_owner',
    help: 'Owners of the pod, one series per owner (empty labels without an owner); always 1.',
    stability: 'stable',
  }),
  observableGauge({
    name: 'kube_pod_resourceclaim_info',
    help: 'Resource claims of the pod with their ResourceClaim and template, as labels; always 1.',
    stability: 'alpha',
    labels: ['claim_name', 'resourceclaim_name', 'resourceclaim_template_name'],
    callback(pod, observe) {
      for (const { name, resourceClaimName, resourceClaimTemplateName } of pod.spec.resourceClaims) {
        if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) continue
        observe(1, name, resolvedClaim(pod, name, resourceClaimName), resourceClaimTemplateName ?? '')
      }
    },
  }),
  info({
    name: 'kube_pod_restart_policy',
    help: 'Restart policy of the pod, as a label; always 1.',
    stability: 'stable',
    labels: { type: ({ spec }) => spec.restartPolicy },
  }),
  info({
    name: 'kube_pod_runtimeclass_name_info',
    help: 'RuntimeClass of the pod, as a label; 1 if set, absent otherwise.',
    stability: 'alpha',
    labels: { runtimeclass_name: ({ spec }) => spec.runtimeClassName ?? '' },
    when: ({ spec }) => spec.runtimeClassName !== undefined,
  }),
  claims(
    'kube_pod_spec_volumes_persistentvolumeclaims_info',
    'PersistentVolumeClaims of the volumes of the pod, as labels; always 1.',
    () => 1,
  ),
  claims(
    'kube_pod_spec_volumes_persistentvolumeclaims_readonly',
    '1 if the volume uses its PersistentVolumeClaim read-only, 0 otherwise.',
    ({ persistentVolumeClaim }) => Number(persistentVolumeClaim?.readOnly ?? false),
  ),
]

function isSame(one: Toleration, other: Toleration): boolean {
  return (
    one.key === other.key &&
    one.operator === other.operator &&
    one.value === other.value &&
    one.effect === other.effect &&
    one.tolerationSeconds === other.tolerationSeconds
  )
}

/** Whether the list has an equal toleration before this index. */
function isRepeated(tolerations: readonly Toleration[], index: number): boolean {
  const toleration = tolerations[index] as Toleration
  for (let i = 0; i < index; i++) if (isSame(tolerations[i] as Toleration, toleration)) return true
  return false
}

/** From the tolerations to the scheduler, in the order of the output. */
export const placementFamilies: readonly Family<Pod>[] = [
  observableGauge({
    name: 'kube_pod_tolerations',
    help: 'Tolerations of the pod without duplicates, as labels; always 1.',
    stability: 'alpha',
    labels: ['key', 'operator', 'value', 'effect', 'toleration_seconds'],
    callback({ spec: { tolerations } }, observe) {
      for (let i = 0; i < tolerations.length; i++) {
        if (isRepeated(tolerations, i)) continue
        const { key, operator, value: tolerated, effect, tolerationSeconds } = tolerations[i] as Toleration
        observe(1, key, operator, tolerated, effect, tolerationSeconds === undefined ? '' : String(tolerationSeconds))
      }
    },
  }),
  copied({
    name: 'kube_pod_nodeselectors',
    help: 'Node selector of the pod, one label per key; always 1.',
    stability: 'alpha',
    optIn: true,
    prefix: 'nodeselector',
    selection: 'all',
    from: ({ spec }) => spec.nodeSelector,
  }),
  info({
    name: 'kube_pod_service_account',
    help: 'Service account of the pod, as a label; always 1.',
    stability: 'alpha',
    labels: { service_account: ({ spec }) => spec.serviceAccountName },
  }),
  info({
    name: 'kube_pod_scheduler',
    help: 'Scheduler of the pod, as a label; always 1.',
    stability: 'alpha',
    labels: { name: ({ spec }) => spec.schedulerName },
  }),
]
