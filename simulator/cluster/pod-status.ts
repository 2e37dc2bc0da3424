/** The status of a pod in each simulated state, as reported by a kubelet. */

import { rfc3339 } from '../api/object-store.ts'
import type { Container, PodSpec } from './pod-template.ts'

/** `waiting`: scheduled, containers are being created. `unreachable`: the node does not respond. */
export type PodState = 'waiting' | 'running' | 'crashing' | 'succeeded' | 'failed' | 'evicted' | 'unreachable'

export interface PodDetails {
  readonly spec: PodSpec
  readonly hostIp: string
  readonly podIp: string
  readonly createdMs: number
  /** The time when it entered this state. */
  readonly sinceMs: number
  readonly restarts: number
  /** Hex digits for image and container digests. */
  readonly digest: string
}

const phases: Readonly<Record<PodState, string>> = {
  waiting: 'Pending',
  running: 'Running',
  crashing: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  evicted: 'Failed',
  unreachable: 'Running',
}

export function podStatus(state: PodState, details: PodDetails): Record<string, unknown> {
  const { spec, hostIp, podIp, createdMs } = details
  const startTime = rfc3339(createdMs + 1000)
  if (state === 'evicted') {
    const message = 'The node was low on resource: memory.'
    return { phase: 'Failed', reason: 'Evicted', message, startTime, conditions: conditionsOf(state, details) }
  }
  const isUp = state !== 'waiting'
  const { initContainers = [] } = spec
  return {
    phase: phases[state],
    ...(state === 'unreachable' ? { reason: 'NodeLost' } : {}),
    conditions: conditionsOf(state, details),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(isUp ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    startTime,
    ...(initContainers.length > 0
      ? { initContainerStatuses: initContainers.map((it) => initStatus(it, isUp, details)) }
      : {}),
    // Only the first container crashes.
    containerStatuses: spec.containers.map((it, index) =>
      containerStatus(it, state === 'crashing' && index > 0 ? 'running' : state, details),
    ),
    qosClass: 'Burstable',
  }
}

function conditionsOf(state: PodState, { createdMs, sinceMs }: PodDetails): readonly Record<string, unknown>[] {
  const isReady = state === 'running'
  const isOver = state === 'succeeded'
  const reason = isOver ? 'PodCompleted' : 'ContainersNotReady'
  const notReady = { reason, ...(isOver ? {} : { message: 'containers with unready status' }) }
  const condition = (type: string, isTrue: boolean, atMs: number) => ({
    type,
    status: isTrue ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: rfc3339(atMs),
    ...(isTrue ? {} : notReady),
  })
  const disruption = { type: 'DisruptionTarget', status: 'True', lastProbeTime: null, reason: 'TerminationByKubelet' }
  return [
    ...(state === 'evicted' ? [{ ...disruption, lastTransitionTime: rfc3339(sinceMs) }] : []),
    condition('PodReadyToStartContainers', state !== 'waiting' && !isOver, createdMs + 2000),
    condition('Initialized', true, createdMs + 2000),
    condition('Ready', isReady, sinceMs),
    condition('ContainersReady', isReady, sinceMs),
    condition('PodScheduled', true, createdMs),
  ]
}

function containerStatus(container: Container, state: PodState, details: PodDetails): Record<string, unknown> {
  const { restarts, sinceMs, digest } = details
  const isWaiting = state === 'waiting'
  const ended = restarts > 0 ? { terminated: terminated(137, 'OOMKilled', sinceMs - 60_000, details) } : {}
  const name = container.name
  const image = container.image
  return {
    name,
    state: containerState(state, details),
    lastState: isWaiting ? {} : ended,
    ready: state === 'running',
    restartCount: isWaiting ? 0 : restarts,
    image,
    imageID: isWaiting ? '' : `${image.replace(/:[^:]*$/, '')}@sha256:${digest.padEnd(64, digest)}`,
    ...(isWaiting ? {} : { containerID: `containerd://${digest.padEnd(64, digest).split('').reverse().join('')}` }),
    started: state === 'running',
  }
}

function containerState(state: PodState, details: PodDetails): Record<string, unknown> {
  const { sinceMs } = details
  if (state === 'waiting') return { waiting: { reason: 'ContainerCreating' } }
  if (state === 'crashing') {
    return { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } }
  }
  if (state === 'succeeded') return { terminated: terminated(0, 'Completed', sinceMs, details) }
  if (state === 'failed') return { terminated: terminated(1, 'Error', sinceMs, details) }
  return { running: { startedAt: rfc3339(state === 'running' ? sinceMs : details.createdMs) } }
}

function terminated(exitCode: number, reason: string, finishedMs: number, { createdMs, digest }: PodDetails) {
  const finished = Math.max(createdMs, finishedMs)
  return {
    exitCode,
    reason,
    startedAt: rfc3339(createdMs),
    finishedAt: rfc3339(finished),
    containerID: `containerd://${digest.padEnd(64, digest)}`,
  }
}

function initStatus(container: Container, isDone: boolean, details: PodDetails): Record<string, unknown> {
  const { name, image } = container
  return {
    name,
    state: isDone
      ? { terminated: terminated(0, 'Completed', details.createdMs + 2000, details) }
      : { waiting: { reason: 'PodInitializing' } },
    lastState: {},
    ready: isDone,
    restartCount: 0,
    image,
    imageID: '',
    started: false,
  }
}
