/** Owns the families of how a pod fares: phase, quality of service, conditions and reasons. */

import type { Pod } from '../../../schemas/pod.ts'
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { eachConditionStatus, familiesOf } from '../../builders.ts'
import type { Family, Stability } from '../../family.ts'

const { observableGauge, timestamp, stateSet } = familiesOf<Pod>()

/** When the last container ended; nothing while none has, or when it is not after the epoch. */
export const completionTime: Family<Pod> = timestamp({
  name: 'kube_pod_completion_time',
  help: 'Unix time at which the last of the ended containers of the pod did.',
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

/** Since when a condition has exactly this status: nothing while it has another. */
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

/** The known reasons as bits, so that each counts once wherever it stands, without a set per pod. */
function bitOf(reason: string): number {
  const index = reason === '' ? -1 : knownReasons.indexOf(reason)
  return index < 0 ? 0 : 1 << index
}

const reasons = observableGauge({
  name: 'kube_pod_status_reason',
  help: 'Known reasons for the state of the pod, from itself, its conditions and its ended containers; else Other.',
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
  help: 'Why the pod is about to be disrupted, or was; Other for unknown reasons.',
  stability: 'alpha',
  labels: ['reason'],
  callback({ status }, observe) {
    for (const { type, reason } of status.conditions) {
      if (type === 'DisruptionTarget') observe(1, knownDisruptions.includes(reason) ? reason : 'Other')
    }
  },
})

/** From the start time to the scheduling, in the order in which they are printed. */
export const statusFamilies: readonly Family<Pod>[] = [
  timestamp({
    name: 'kube_pod_start_time',
    help: 'Unix time at which the kubelet took the pod on.',
    stability: 'stable',
    at: ({ status }) => status.startTime,
  }),
  stateSet({
    name: 'kube_pod_status_phase',
    help: 'Phase of the pod: 1 for the current one.',
    stability: 'stable',
    label: 'phase',
    states: ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'],
    current: ({ status }) => status.phase || undefined,
  }),
  stateSet({
    name: 'kube_pod_status_qos_class',
    help: 'Quality of service class of the pod: 1 for the current one.',
    stability: 'alpha',
    label: 'qos_class',
    states: ['BestEffort', 'Burstable', 'Guaranteed'],
    current: ({ status }) => status.qosClass || undefined,
  }),
  condition('kube_pod_status_ready', 'Ready', 'Whether the pod is ready to serve.'),
  conditionTime('kube_pod_status_ready_time', ['Ready', 'True'], 'Unix time since which the pod is ready.'),
  conditionTime(
    'kube_pod_status_initialized_time',
    ['Initialized', 'True'],
    'Unix time since which the init containers of the pod are done.',
  ),
  conditionTime(
    'kube_pod_status_container_ready_time',
    ['ContainersReady', 'True'],
    'Unix time since which all containers of the pod are ready.',
  ),
  reasons,
  disruptions,
  condition('kube_pod_status_scheduled', 'PodScheduled', 'Whether the pod has been given a node.'),
  conditionTime(
    'kube_pod_status_scheduled_time',
    ['PodScheduled', 'True'],
    'Unix time at which the pod was given a node.',
    'stable',
  ),
  observableGauge({
    name: 'kube_pod_status_unschedulable',
    help: 'There, and 1, while no node was found for the pod.',
    stability: 'stable',
    callback({ status }, observe) {
      for (const one of status.conditions) if (one.type === 'PodScheduled' && one.status === 'False') observe(1)
    },
  }),
  conditionTime(
    'kube_pod_status_unscheduled_time',
    ['PodScheduled', 'False'],
    'Unix time since which no node was found for the pod.',
  ),
]
