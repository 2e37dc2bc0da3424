/** The families of a pod's containers, declared once for containers and init containers under two prefixes. */

import type { Container, ContainerStatus, Pod } from '../../../schemas/pod.ts'
import { quantityMilliValue, quantityValue } from '../../../schemas/quantity.ts'
import { zeroTimeSeconds } from '../../../schemas/timestamps.ts'
import { familiesOf } from '../../builders.ts'
import type { Family, Stability } from '../../family.ts'
import { printedResource } from '../printed-compute-resources.ts'

const { observableGauge, observableCounter } = familiesOf<Pod>()

/** One kind of container, and how its families differ from those of the other kind. */
export interface ContainerKind {
  readonly prefix: string
  /** The name of one of them in help texts. */
  readonly subject: string
  specs(pod: Pod): readonly Container[]
  statuses(pod: Pod): readonly ContainerStatus[]
  /** Whether the info family has a label `restart_policy`. */
  readonly hasRestartPolicy: boolean
  /** The stability of the families that are not equally stable for both kinds. */
  readonly stability: Stability
}

/** All families of one kind of container, in the order of the output. */
export function containerFamilies(kind: ContainerKind): readonly Family<Pod>[] {
  const { prefix, subject, stability } = kind
  return [
    info(kind),
    amounts(kind, 'limits', `Resource limits of the ${subject}, in the unit given by the "unit" label.`),
    amounts(kind, 'requests', `Resource requests of the ${subject}, in the unit given by the "unit" label.`),
    ofEachStatus(kind, {
      name: `${prefix}_state_started`,
      help: `Unix time when the ${subject} started; absent while it is waiting.`,
      stability,
      of: startedAt,
    }),
    ...lastTermination(kind),
    ...running(kind),
    reasonOfEachStatus(kind, {
      name: `${prefix}_status_terminated_reason`,
      help: `Reason why the ${subject} is terminated, as a label; 1 while terminated, absent otherwise.`,
      stability: 'alpha',
      of: ({ state }) => state.terminated?.reason,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_waiting`,
      help: `1 if the ${subject} is waiting to start, 0 otherwise.`,
      stability: 'stable',
      of: ({ state }) => Number(state.waiting !== undefined),
    }),
    reasonOfEachStatus(kind, {
      name: `${prefix}_status_waiting_reason`,
      help: `Reason why the ${subject} is waiting, as a label; 1 while waiting, absent otherwise.`,
      stability,
      of: ({ state }) => state.waiting?.reason,
    }),
  ]
}

const infoLabels = ['container', 'image_spec', 'image', 'image_id', 'container_id']

/** One row per pair of a spec and a status of the same name. */
function info({ prefix, subject, specs, statuses, hasRestartPolicy }: ContainerKind): Family<Pod> {
  return observableGauge<readonly string[]>({
    name: `${prefix}_info`,
    help: `Images (requested and running) and IDs of the ${subject}, as labels; always 1.`,
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
      help: `Reason why the previous run of the ${subject} terminated, as a label; always 1.`,
      stability: 'alpha',
      of: ({ lastState }) => lastState.terminated?.reason,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_last_terminated_exitcode`,
      help: `Exit code of the previous run of the ${subject}.`,
      stability: 'alpha',
      of: ({ lastState }) => lastState.terminated?.exitCode,
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_last_terminated_timestamp`,
      help: `Unix time when the previous run of the ${subject} terminated.`,
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
      help: `1 if the ${subject} is ready, 0 otherwise.`,
      stability: 'stable',
      of: ({ ready }) => Number(ready),
    }),
    observableCounter({
      name: `${prefix}_status_restarts_total`,
      help: `Number of restarts of the ${subject}.`,
      stability: 'stable',
      labels: ['container'],
      callback(pod, observe) {
        for (const { restartCount, name } of statuses(pod)) observe(restartCount, name)
      },
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_running`,
      help: `1 if the ${subject} is running, 0 otherwise.`,
      stability: 'stable',
      of: ({ state }) => Number(state.running !== undefined),
    }),
    ofEachStatus(kind, {
      name: `${prefix}_status_terminated`,
      help: `1 if the ${subject} is terminated, 0 otherwise.`,
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

/** One number for each container for which `of` returns one. */
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

/** 1 with the reason as a label, for each container in the state. Reasons may be unknown or empty. */
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
