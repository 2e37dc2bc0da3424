/** A pod of realistic size, including fields that the schema omits, as JSON and as protobuf. */

import { encodeProtobuf } from '../simulator/protobuf-encode.ts'
import { Pod } from '../src/schemas/pod.ts'
import type { Field, Schema } from '../src/schemas/schema.ts'
import { bool, byteLength, int, list, message, schema, string, time } from '../src/schemas/schema.ts'

function extended(base: Schema, fields: Record<string, Field>): Schema {
  return { fields: { ...base.fields, ...fields } }
}

function schemaAt(base: Schema, name: string): Schema {
  const found = base.fields[name]?.schema
  if (!found) throw new TypeError(`no message ${name}`)
  return found
}

/** managedFields, which every object from a server has and no family reads. */
export const ManagedFields = schema({
  manager: string(1),
  operation: string(2),
  apiVersion: string(3),
  time: time(4),
  fieldsType: string(6),
  fieldsV1: message(7, schema({ raw: byteLength(1) })),
})
const Mount = schema({ name: string(1), readOnly: bool(2), mountPath: string(3) })
const Port = schema({ name: string(1), containerPort: int(3), protocol: string(4) })
const unreadContainerFields = {
  ports: list(message(6, Port)),
  env: list(message(7, schema({ name: string(1), value: string(2) }))),
  volumeMounts: list(message(9, Mount)),
  terminationMessagePath: string(13),
  imagePullPolicy: string(14),
}
const PodSpec = schemaAt(Pod, 'spec')

/** The schema of pods, extended by fields that no family reads. */
const WholePod = extended(Pod, {
  metadata: message(1, extended(schemaAt(Pod, 'metadata'), { managedFields: list(message(17, ManagedFields)) })),
  spec: message(
    2,
    extended(PodSpec, {
      containers: list(message(2, extended(schemaAt(PodSpec, 'containers'), unreadContainerFields))),
    }),
  ),
})

const containers = ['app', 'proxy', 'logs']
const at = '2024-05-06T07:08:09Z'

function managedFields(manager: string, keys: number) {
  const leaves = Object.fromEntries(Array.from({ length: keys }, (_, i) => [`f:field${i % 23}${manager}`, {}]))
  const perContainer = Object.fromEntries(
    containers.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, ...leaves }]),
  )
  const fieldsV1 = { 'f:metadata': { 'f:labels': leaves }, 'f:spec': { 'f:containers': perContainer } }
  return { manager, operation: 'Update', apiVersion: 'v1', time: at, fieldsType: 'FieldsV1', fieldsV1 }
}

const container = (name: string) => ({
  name,
  image: `registry.example/team/${name}:1.25.3`,
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env: Array.from({ length: 6 }, (_, i) => ({
    name: `APP_SETTING_${i}`,
    value: `http://service-${i}.default.svc:8080/`,
  })),
  resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/app', readOnly: true },
    { name: 'kube-api-access-x2x7z', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
  ],
  terminationMessagePath: '/dev/termination-log',
  imagePullPolicy: 'IfNotPresent',
})

const status = (name: string) => ({
  name,
  state: { running: { startedAt: at } },
  lastState: {},
  ready: true,
  restartCount: 0,
  image: `registry.example/team/${name}:1.25.3`,
  imageID: `registry.example/team/${name}@sha256:${'0123456789abcdef'.repeat(4)}`,
  containerID: `containerd://${'fedcba9876543210'.repeat(4)}`,
})

function pod(index: number) {
  const hash = (index * 2654435761).toString(36)
  return {
    metadata: {
      name: `web-7d9c6b4f8-${hash}`,
      namespace: `team-${index % 20}`,
      uid: `${hash.padStart(8, '0')}-1a57-4a2e-9b1f-0e9b6e2e6a11`,
      resourceVersion: String(100_000 + index),
      creationTimestamp: at,
      labels: {
        app: 'web',
        'app.kubernetes.io/name': 'web',
        'app.kubernetes.io/version': '1.25.3',
        'pod-template-hash': '7d9c6b4f8',
      },
      annotations: { 'checksum/config': '0123456789abcdef'.repeat(4), 'prometheus.io/scrape': 'true' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d9c6b4f8', uid: 'b7f1', controller: true },
      ],
      managedFields: [managedFields('Controller', 18), managedFields('Kubelet', 23)],
    },
    spec: {
      volumes: [{ name: 'config' }, { name: 'data', persistentVolumeClaim: { claimName: 'data-0' } }],
      containers: containers.map(container),
      restartPolicy: 'Always',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      serviceAccountName: 'default',
      nodeName: `node-${index % 100}`,
      schedulerName: 'default-scheduler',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: at,
      })),
      hostIP: '10.0.0.1',
      podIP: `10.1.${index % 250}.7`,
      podIPs: [{ ip: `10.1.${index % 250}.7` }],
      startTime: at,
      containerStatuses: containers.map(status),
      qosClass: 'Burstable',
    },
  }
}

interface PodMetadata {
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
  /** In addition to those that all pods have. */
  readonly labels?: Readonly<Record<string, string>>
}

/** Pods with the differences that pods in a cluster have. `metadata` replaces parts of it in all of them. */
export function createPods(
  count: number,
  metadata: PodMetadata = {},
): { readonly json: readonly string[]; readonly protobuf: readonly Buffer[] } {
  const pods = Array.from({ length: count }, (_, index) => {
    const created = pod(index)
    const labels = { ...created.metadata.labels, ...metadata.labels }
    return { ...created, metadata: { ...created.metadata, ...metadata, labels } }
  })
  const inBytes = (object: ReturnType<typeof pod>) => {
    const entries = object.metadata.managedFields.map((entry) => {
      const raw = Buffer.from(JSON.stringify(entry.fieldsV1)).toString('base64')
      return { ...entry, fieldsV1: { raw } }
    })
    return encodeProtobuf(WholePod, { ...object, metadata: { ...object.metadata, managedFields: entries } })
  }
  return { json: pods.map((object) => JSON.stringify(object)), protobuf: pods.map(inBytes) }
}
