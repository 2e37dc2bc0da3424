/** Owns the status of a pod in each state that a pod of the living cluster can be in, as a kubelet reports it. */

import { rfc3339 } from '../api/object-store.ts'
import type { Container, PodSpec } from './pod-template.ts'

/** `waiting`: bound to a node, its containers are being created. `unreachable`: its node has gone silent. */
export type PodState = 'waiting' | 'running' | 'crashing' | 'succeeded' | 'failed' | 'evicted' | 'unreachable'

export interface PodFacts {
  readonly spec: PodSpec
  readonly hostIp: string
  readonly podIp: string
  readonly createdMs: number
  /** When it came into this state. */
  readonly sinceMs: number
  readonly restarts: number
  /** Hex digits that stand for image and container digests. */
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

/** The status of a pod in that state. */
export function podStatus(state: PodState, facts: PodFacts): Record<string, unknown> {
  const { spec, hostIp, podIp, createdMs } = facts
  const startTime = rfc3339(createdMs + 1000)
  if (state === 'evicted') {
    const message = 'The node was low on resource: memory.'
    return { phase: 'Failed', reason: 'Evicted', message, startTime, conditions: conditionsOf(state, facts) }
  }
  const isUp = state !== 'waiting'
  const { initContainers = [] } = spec
  return {
    phase: phases[state],
    ...(state === 'unreachable' ? { reason: 'NodeLost' } : {}),
    conditions: conditionsOf(state, facts),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(isUp ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
    startTime,
    ...(initContainers.length > 0
      ? { initContainerStatuses: initContainers.map((it) => initStatus(it, isUp, facts)) }
      : {}),
    // The first container is the one that crashes.
    containerStatuses: spec.containers.map((it, index) =>
      containerStatus(it, state === 'crashing' && index > 0 ? 'running' : state, facts),
    ),
    qosClass: 'Burstable',
  }
}

function conditionsOf(state: PodState, { createdMs, sinceMs }: PodFacts): readonly Record<string, unknown>[] {
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

function containerStatus(container: Container, state: PodState, facts: PodFacts): Record<string, unknown> {
  const { restarts, sinceMs, digest } = facts
  const isWaiting = state === 'waiting'
  const ended = restarts > 0 ? { terminated: terminated(137, 'OOMKilled', sinceMs - 60_000, facts) } : {}
  const name = container.name
  const image = container.image
  return {
    name,
    state: containerState(state, facts),
    lastState: isWaiting ? {} : ended,
    ready: state === 'running',
    restartCount: isWaiting ? 0 : restarts,
    image,
    imageID: isWaiting ? '' : `${image.replace(/:[^:]*$/, '')}@sha256:${digest.padEnd(64, digest)}`,
    ...(isWaiting ? {} : { containerID: `containerd://${digest.padEnd(64, digest).split('').reverse().join('')}` }),
    started: state === 'running',
  }
}

function containerState(state: PodState, facts: PodFacts): Record<string, unknown> {
  const { sinceMs } = facts
  if (state === 'waiting') return { waiting: { reason: 'ContainerCreating' } }
  if (state === 'crashing') {
    return { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } }
  }
  if (state === 'succeeded') return { terminated: terminated(0, 'Completed', sinceMs, facts) }
  if (state === 'failed') return { terminated: terminated(1, 'Error', sinceMs, facts) }
  return { running: { startedAt: rfc3339(state === 'running' ? sinceMs : facts.createdMs) } }
}

function terminated(exitCode: number, reason: string, finishedMs: number, { createdMs, digest }: PodFacts) {
  const finished = Math.max(createdMs, finishedMs)
  return {
    exitCode,
    reason,
    startedAt: rfc3339(createdMs),
    finishedAt: rfc3339(finished),
    containerID: `containerd://${digest.padEnd(64, digest)}`,
  }
}

function initStatus(container: Container, isDone: boolean, facts: PodFacts): Record<string, unknown> {
  const { name, image } = container
  return {
    name,
    state: isDone
      ? { terminated: terminated(0, 'Completed', facts.createdMs + 2000, facts) }
      : { waiting: { reason: 'PodInitializing' } },
    lastState: {},
    ready: isDone,
    restartCount: 0,
    image,
    imageID: '',
    started: false,
  }
}
