/** The families of a pod's status: phase, quality of service, conditions and reasons. */

import type { Pod } from '../../../schemas/pod.ts'
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { familiesOf } from '../../builders.ts'
import { eachConditionStatus } from '../../condition-families.ts'
import type { Family, Stability } from '../../family.ts'

const { observableGauge, timestamp, stateSet } = familiesOf<Pod>()

/** When the last container terminated; no sample while none has, or if that time is not after the epoch. */
export const completionTime: Family<Pod> = timestamp({
  name: 'kube_pod_completion_time',
  help: 'Unix time when the last container terminated.',
  stability: 'stable',
  at({ status }) {
    let latest = 0
    for (const { state } of status.containerStatuses) latest = Math.max(latest, state.terminated?.finishedAt ?? 0)
    return latest > 0 ? latest : undefined
  },
})

/** Three rows for each condition of the type. */
function condition(name: string, type: string, help: string): Family<Pod> {
  return observableGauge({
    name,
    help,
    stability: 'stable',
    labels: ['condition'],
    callback({ status }, observe) {
      for (const one of status.conditions) if (one.type === type) eachConditionStatus(one.status, observe)
    },
  })
}

/** Since when a condition has exactly this status; no sample while it has another. */
function conditionTime(
  name: string,
  [type, status]: readonly [type: string, status: string],
  help: string,
  stability: Stability = 'alpha',
): Family<Pod> {
  return observableGauge({
    name,
    help,
    stability,
    callback(pod, observe) {
      for (const one of pod.status.conditions) {
        if (one.type === type && one.status === status) observe(one.lastTransitionTime ?? zeroTimeSeconds)
      }
    },
  })
}

const knownReasons = [
  'Evicted',
  'NodeAffinity',
  'NodeLost',
  'PreemptionByScheduler',
  'SchedulingGated',
  'Shutdown',
  'TerminationByKubelet',
  'UnexpectedAdmissionError',
]

/** The known reasons as bits: each is reported once, wherever it occurs, without a set per pod. */
function bitOf(reason: string): number {
  const index = reason === '' ? -1 : knownReasons.indexOf(reason)
  return index < 0 ? 0 : 1 << index
}

const reasons = observableGauge({
  name: 'kube_pod_status_reason',
  help: 'Standard reasons for the state of the pod, from its status, conditions and terminated containers (`Other` if the status has another one), as a label; always 1.',
  stability: 'alpha',
  labels: ['reason'],
  callback({ status }, observe) {
    let found = bitOf(status.reason)
    const isOther = status.reason !== '' && found === 0
    for (const { reason } of status.conditions) found |= bitOf(reason)
    for (const { state } of status.containerStatuses) found |= bitOf(state.terminated?.reason ?? '')
    for (let i = 0; i < knownReasons.length; i++) if (found & (1 << i)) observe(1, knownReasons[i] as string)
    if (isOther) observe(1, 'Other')
  },
})

const knownDisruptions = [
  'DeletionByPodGC',
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'PreemptionByScheduler',
  'TerminationByKubelet',
]

const disruptions = observableGauge({
  name: 'kube_pod_status_disruption_reason',
  help: 'Reason of the DisruptionTarget condition (`Other` if it is not a standard one), as a label; always 1.',
  stability: 'alpha',
  labels: ['reason'],
  callback({ status }, observe) {
    for (const { type, reason } of status.conditions) {
      if (type === 'DisruptionTarget') observe(1, knownDisruptions.includes(reason) ? reason : 'Other')
    }
  },
})

/** From the start time to the scheduling, in the order of the output. */
export const statusFamilies: readonly Family<Pod>[] = [
  timestamp({
    name: 'kube_pod_start_time',
    help: 'Unix time when the kubelet accepted the pod.',
    stability: 'stable',
    at: ({ status }) => status.startTime,
  }),
  stateSet({
    name: 'kube_pod_status_phase',
    help: 'Phase of the pod: 1 for the current phase, 0 for the others.',
    stability: 'stable',
    label: 'phase',
    states: ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'],
    current: ({ status }) => status.phase || undefined,
  }),
  stateSet({
    name: 'kube_pod_status_qos_class',
    help: 'Quality of service class of the pod: 1 for the current class, 0 for the others.',
    stability: 'alpha',
    label: 'qos_class',
    states: ['BestEffort', 'Burstable', 'Guaranteed'],
    current: ({ status }) => status.qosClass || undefined,
  }),
  condition(
    'kube_pod_status_ready',
    'Ready',
    'Ready condition of the pod: 1 for the current status, 0 for the others.',
  ),
  conditionTime(
    'kube_pod_status_ready_time',
    ['Ready', 'True'],
    'Unix time when the pod became ready; absent while it is not ready.',
  ),
  conditionTime(
    'kube_pod_status_initialized_time',
    ['Initialized', 'True'],
    'Unix time when all init containers were completed; absent before.',
  ),
  conditionTime(
    'kube_pod_status_container_ready_time',
    ['ContainersReady', 'True'],
    'Unix time when all containers became ready; absent while any is not ready.',
  ),
  reasons,
  disruptions,
  condition(
    'kube_pod_status_scheduled',
    'PodScheduled',
    'PodScheduled condition of the pod: 1 for the current status, 0 for the others.',
  ),
  conditionTime(
    'kube_pod_status_scheduled_time',
    ['PodScheduled', 'True'],
    'Unix time when the pod was assigned to a node; absent before.',
    'stable',
  ),
  observableGauge({
    name: 'kube_pod_status_unschedulable',
    help: '1 while the pod is unschedulable; absent otherwise.',
    stability: 'stable',
    callback({ status }, observe) {
      for (const one of status.conditions) if (one.type === 'PodScheduled' && one.status === 'False') observe(1)
    },
  }),
  conditionTime(
    'kube_pod_status_unscheduled_time',
    ['PodScheduled', 'False'],
    'Unix time when the pod became unschedulable; absent otherwise.',
  ),
]
