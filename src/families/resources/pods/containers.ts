/** Owns the families of a pod's containers: the same for containers and init containers, under two prefixes. */

import type { Container, ContainerStatus, Pod } from '../../../schemas/pod.ts'
import { quantityMilliValue, quantityValue } from '../../../schemas/quantity.ts'
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { familiesOf } from '../../builders.ts'
import type { Family, Stability } from '../../family.ts'
import { printedResource } from '../printed-compute-resources.ts'

const { observableGauge, observableCounter } = familiesOf<Pod>()

/** Which containers, and what sets their families apart. */
export interface ContainerKind {
  readonly prefix: string
  /** What help texts call one of them. */
  readonly subject: string
  specs(pod: Pod): readonly Container[]
  statuses(pod: Pod): readonly ContainerStatus[]
  /** Whether the info family has a label `restart_policy`. */
  readonly hasRestartPolicy: boolean
  /** Of those families that are not equally stable for both kinds. */
  readonly stability: Stability
}

/** All families of one kind of container, in the order in which they are printed. */
export function containerFamilies(kind: ContainerKind): readonly Family<Pod>[] {
  const { prefix, subject, stability } = kind
  return [
    info(kind),
    amounts(kind, 'limits', `Most of a resource that the ${subject} may use.`),
    amounts(kind, 'requests', `Amount of a resource that is set aside for the ${subject}.`),
    ofEachStatus(kind, {
      name: `${prefix}_state_started`,
      help: `Unix time at which the ${subject} that runs, or last ran, was started.`,
      stability,
      of: startedAt,
    }),
    ...lastTermination(kind),
    ...running(kind),
    reasonOfEachStatus(kind, {
      name: `${prefix}_status_terminated_reason`,
      help: `Why the ${subject} has ended, while it is terminated.`,
      stability: 'alpha',
      of: ({ state }) => state.terminated?.reason,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_waiting`,
      help: `Whether the ${subject} waits to be started.`,
      stability: 'stable',
      of: ({ state }) => Number(state.waiting !== undefined),
    }),
    reasonOfEachStatus(kind, {
      name: `${prefix}_status_waiting_reason`,
      help: `Why the ${subject} waits, while it does.`,
      stability,
      of: ({ state }) => state.waiting?.reason,
    }),
  ]
}

const infoLabels = ['container', 'image_spec', 'image', 'image_id', 'container_id']

/** Every pair of a specification and a status of the same name. */
function info({ prefix, subject, specs, statuses, hasRestartPolicy }: ContainerKind): Family<Pod> {
  return observableGauge<readonly string[]>({
    name: `${prefix}_info`,
    help: `The ${subject} and its images, as asked for and as run.`,
    stability: 'stable',
    labels: hasRestartPolicy ? [...infoLabels, 'restart_policy'] : infoLabels,
    callback(pod, observe) {
      for (const { name, image, restartPolicy = '' } of specs(pod)) {
        for (const status of statuses(pod)) {
          if (status.name !== name) continue
          const { image: running, imageID, containerID } = status
          if (hasRestartPolicy) observe(1, name, image, running, imageID, containerID, restartPolicy)
          else observe(1, name, image, running, imageID, containerID)
        }
      }
    },
  })
}

function amounts({ prefix, specs, stability }: ContainerKind, side: 'limits' | 'requests', help: string): Family<Pod> {
  return observableGauge({
    name: `${prefix}_resource_${side}`,
    help,
    stability,
    labels: ['container', 'node', 'resource', 'unit'],
    callback(pod, observe) {
      const node = pod.spec.nodeName
      for (const { name: container, resources } of specs(pod)) {
        for (const [name, quantity] of resources[side]) {
          const { label, units } = printedResource(name)
          for (const unit of units) {
            const amount = unit === 'core' ? quantityMilliValue(quantity) : quantityValue(quantity)
            observe(amount, container, node, label, unit)
          }
        }
      }
    },
  })
}

function startedAt({ state }: ContainerStatus): number | undefined {
  const started = state.running ?? state.terminated
  return started === undefined ? undefined : (started.startedAt ?? zeroTimeSeconds)
}

function lastTermination(kind: ContainerKind): readonly Family<Pod>[] {
  const { prefix, subject } = kind
  return [
    reasonOfEachStatus(kind, {
      name: `${prefix}_status_last_terminated_reason`,
      help: `Why the run of the ${subject} before this one ended.`,
      stability: 'alpha',
      of: ({ lastState }) => lastState.terminated?.reason,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_last_terminated_exitcode`,
      help: `Exit code of the run of the ${subject} before this one.`,
      stability: 'alpha',
      of: ({ lastState }) => lastState.terminated?.exitCode,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_last_terminated_timestamp`,
      help: `Unix time at which the run of the ${subject} before this one ended.`,
      stability: 'alpha',
      of: ({ lastState: { terminated } }) => terminated && (terminated.finishedAt ?? zeroTimeSeconds),
    }),
  ]
}

function running(kind: ContainerKind): readonly Family<Pod>[] {
  const { prefix, subject, statuses } = kind
  return [
    ofEachStatus(kind, {
      name: `${prefix}_status_ready`,
      help: `Whether the ${subject} is ready.`,
      stability: 'stable',
      of: ({ ready }) => Number(ready),
    }),
    observableCounter({
      name: `${prefix}_status_restarts_total`,
      help: `How often the ${subject} has been restarted.`,
      stability: 'stable',
      labels: ['container'],
      callback(pod, observe) {
        for (const { restartCount, name } of statuses(pod)) observe(restartCount, name)
      },
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_running`,
      help: `Whether the ${subject} runs.`,
      stability: 'stable',
      of: ({ state }) => Number(state.running !== undefined),
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_terminated`,
      help: `Whether the ${subject} has ended.`,
      stability: 'stable',
      of: ({ state }) => Number(state.terminated !== undefined),
    }),
  ]
}

interface OfStatus<V> {
  readonly name: string
  readonly help: string
  readonly stability: Stability
  of(status: ContainerStatus): V | undefined
}

/** A number for each container that has one. */
function ofEachStatus({ statuses }: ContainerKind, { of, ...declared }: OfStatus<number>): Family<Pod> {
  return observableGauge({
    ...declared,
    labels: ['container'],
    callback(pod, observe) {
      for (const status of statuses(pod)) {
        const value = of(status)
        if (value !== undefined) observe(value, status.name)
      }
    },
  })
}

/** 1 with the reason, known or not, empty or not, for each container that is in the state. */
function reasonOfEachStatus({ statuses }: ContainerKind, { of, ...declared }: OfStatus<string>): Family<Pod> {
  return observableGauge({
    ...declared,
    labels: ['container', 'reason'],
    callback(pod, observe) {
      for (const status of statuses(pod)) {
        const reason = of(status)
        if (reason !== undefined) observe(1, status.name, reason)
      }
    },
  })
}
