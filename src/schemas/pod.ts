/** The fields read make up about a tenth of a pod of 10 KB JSON. */

import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, embedded, exactInt, int, list, map, message, pointer, quantity, schema, string, time } from './schema.ts'

const Container = schema({
  name: string(1),
  image: string(2),
  resources: message(8, schema({ limits: map(quantity(1)), requests: map(quantity(2)) })),
  restartPolicy: pointer(string(24)),
})
export type Container = ObjectOf<typeof Container>

const Volume = schema({
  name: string(1),
  ...embedded(2, {
    persistentVolumeClaim: pointer(message(10, schema({ claimName: string(1), readOnly: bool(2) }))),
    ephemeral: pointer(message(29, schema({}))),
  }),
})
export type Volume = ObjectOf<typeof Volume>

const Toleration = schema({
  key: string(1),
  operator: string(2),
  value: string(3),
  effect: string(4),
  tolerationSeconds: pointer(exactInt(5)),
})
export type Toleration = ObjectOf<typeof Toleration>

const PodResourceClaim = schema({
  name: string(1),
  resourceClaimName: pointer(string(3)),
  resourceClaimTemplateName: pointer(string(4)),
})

const PodSpec = schema({
  volumes: list(message(1, Volume)),
  containers: list(message(2, Container)),
  restartPolicy: string(3),
  nodeSelector: map(string(7)),
  serviceAccountName: string(8),
  nodeName: string(10),
  hostNetwork: bool(11),
  schedulerName: string(19),
  initContainers: list(message(20, Container)),
  tolerations: list(message(22, Toleration)),
  priorityClassName: string(24),
  runtimeClassName: pointer(string(29)),
  overhead: map(quantity(32)),
  resourceClaims: list(message(39, PodResourceClaim)),
})

const ContainerStateTerminated = schema({
  exitCode: int(1),
  reason: string(3),
  startedAt: time(5),
  finishedAt: time(6),
})

const ContainerState = schema({
  waiting: pointer(message(1, schema({ reason: string(1) }))),
  running: pointer(message(2, schema({ startedAt: time(1) }))),
  terminated: pointer(message(3, ContainerStateTerminated)),
})

const ContainerStatus = schema({
  name: string(1),
  state: message(2, ContainerState),
  lastState: message(3, schema({ terminated: pointer(message(3, ContainerStateTerminated)) })),
  ready: bool(4),
  restartCount: int(5),
  image: string(6),
  imageID: string(7),
  containerID: string(8),
})
export type ContainerStatus = ObjectOf<typeof ContainerStatus>

const PodCondition = schema({
  type: string(1),
  status: string(2),
  lastTransitionTime: time(4),
  reason: string(5),
})

const PodStatus = schema({
  phase: string(1),
  conditions: list(message(2, PodCondition)),
  reason: string(4),
  hostIP: string(5),
  podIP: string(6),
  startTime: pointer(time(7)),
  containerStatuses: list(message(8, ContainerStatus)),
  qosClass: string(9),
  initContainerStatuses: list(message(10, ContainerStatus)),
  podIPs: list(message(12, schema({ ip: string(1) }))),
  resourceClaimStatuses: list(message(15, schema({ name: string(1), resourceClaimName: pointer(string(2)) }))),
})

export const Pod = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, PodSpec),
  status: message(3, PodStatus),
})
export type Pod = ObjectOf<typeof Pod>
