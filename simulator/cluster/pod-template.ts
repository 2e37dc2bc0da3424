/** The labels and the spec that the pods of a workload share, with the defaults of an API server. */

import type { Random } from './random.ts'

export interface PodTemplate {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Without `nodeName`. Shared by all pods of the template. */
  readonly spec: PodSpec
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes: readonly { readonly name: string; readonly [field: string]: unknown }[]
  readonly [field: string]: unknown
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly [field: string]: unknown
}

export interface TemplateOptions {
  readonly app: string
  readonly namespace: string
  readonly version: string
  readonly component: string
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  /** Runs on every node regardless of taints, in the host network. */
  readonly isNodeAgent?: boolean
  /** The claim of each pod, by the name of its volume. */
  readonly hasClaims?: boolean
}

const registry = 'registry.example.org'
const cpuRequests = ['50m', '100m', '250m', '500m', '1']
const memoryRequests = ['64Mi', '128Mi', '256Mi', '512Mi', '1Gi']

/** The template of a workload. Other versions of the same app differ only in the images. */
export function createTemplate(random: Random, options: TemplateOptions): PodTemplate {
  const { app, version, component, isNodeAgent = false } = options
  const containers = [mainContainer(random, options)]
  if (!isNodeAgent && random.chance(0.3)) containers.push(sidecar(version))
  const hasInit = random.chance(0.25)
  const spec = {
    volumes: volumesOf(options),
    ...(hasInit ? { initContainers: [initContainer(options)] } : {}),
    containers,
    restartPolicy: options.restartPolicy ?? 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: isNodeAgent ? 'ClusterFirstWithHostNet' : 'ClusterFirst',
    ...(random.chance(0.2) ? { nodeSelector: { 'kubernetes.io/os': 'linux' } } : {}),
    serviceAccountName: isNodeAgent ? app : 'default',
    serviceAccount: isNodeAgent ? app : 'default',
    ...(isNodeAgent ? { hostNetwork: true } : {}),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      fsGroup: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    affinity: isNodeAgent ? {} : spreadOver(app),
    schedulerName: 'default-scheduler',
    tolerations: isNodeAgent ? nodeAgentTolerations : tolerations,
    ...(isNodeAgent ? { priorityClassName: 'system-node-critical', priority: 2000001000 } : { priority: 0 }),
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  }
  return {
    labels: {
      'app.kubernetes.io/name': app,
      'app.kubernetes.io/component': component,
      'app.kubernetes.io/part-of': options.namespace,
      'app.kubernetes.io/version': version,
    },
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
    spec,
  }
}

/** The same template with the images of another version. */
export function withVersion(template: PodTemplate, version: string): PodTemplate {
  const renew = (container: Container) => ({ ...container, image: container.image.replace(/:[^:]*$/, `:${version}`) })
  const { containers, initContainers, ...rest } = template.spec
  const renewed = initContainers ? { initContainers: initContainers.map(renew) } : {}
  return {
    ...template,
    labels: { ...template.labels, 'app.kubernetes.io/version': version },
    spec: { ...rest, ...renewed, containers: containers.map(renew) },
  }
}

const notReady = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }
const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
const tolerations = [
  { ...notReady, tolerationSeconds: 300 },
  { ...unreachable, tolerationSeconds: 300 },
]
const nodeAgentTolerations = [
  { operator: 'Exists' },
  notReady,
  unreachable,
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
]

const spreadOver = (app: string) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': app } },
          topologyKey: 'kubernetes.io/hostname',
        },
      },
    ],
  },
})

const tokenMount = {
  name: 'kube-api-access',
  readOnly: true,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
}

const tokenVolume = {
  name: 'kube-api-access',
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
}

function volumesOf({ app, hasClaims = false }: TemplateOptions): PodSpec['volumes'] {
  return [
    { name: 'settings', configMap: { name: `${app}-settings`, defaultMode: 420 } },
    { name: 'credentials', secret: { secretName: `${app}-credentials`, defaultMode: 420 } },
    { name: 'scratch', emptyDir: {} },
    ...(hasClaims ? [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] : []),
    tokenVolume,
  ]
}

const defaults = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  securityContext: { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
}

const probe = (path: string) => ({
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  initialDelaySeconds: 5,
  timeoutSeconds: 2,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
})

const fieldEnv = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
})

function mainContainer(random: Random, options: TemplateOptions): Container {
  const { app, namespace, version, hasClaims = false } = options
  const size = random.int(0, cpuRequests.length - 1)
  return {
    name: app,
    image: `${registry}/${namespace}/${app}:${version}`,
    args: ['--config=/etc/app/settings.yaml', '--listen=:8080', '--log-format=json'],
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'admin', containerPort: 9090, protocol: 'TCP' },
    ],
    env: [
      fieldEnv('POD_NAME', 'metadata.name'),
      fieldEnv('POD_NAMESPACE', 'metadata.namespace'),
      fieldEnv('NODE_NAME', 'spec.nodeName'),
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'OTEL_SERVICE_NAME', value: app },
      { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: `${app}-credentials`, key: 'url' } } },
      { name: 'FEATURES', valueFrom: { configMapKeyRef: { name: `${app}-settings`, key: 'features' } } },
    ],
    resources: {
      requests: { cpu: cpuRequests[size], memory: memoryRequests[size] },
      limits: { memory: memoryRequests[Math.min(size + 1, memoryRequests.length - 1)] },
    },
    volumeMounts: [
      { name: 'settings', readOnly: true, mountPath: '/etc/app' },
      { name: 'credentials', readOnly: true, mountPath: '/etc/credentials' },
      { name: 'scratch', mountPath: '/tmp' },
      ...(hasClaims ? [{ name: 'data', mountPath: '/var/lib/app' }] : []),
      tokenMount,
    ],
    livenessProbe: probe('/livez'),
    readinessProbe: probe('/readyz'),
    ...defaults,
  }
}

const sidecar = (version: string): Container => ({
  name: 'proxy',
  image: `${registry}/mesh/proxy:${version}`,
  ports: [{ name: 'mesh', containerPort: 15001, protocol: 'TCP' }],
  resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
  volumeMounts: [tokenMount],
  readinessProbe: probe('/ready'),
  ...defaults,
})

const initContainer = ({ app, namespace, version }: TemplateOptions): Container => ({
  name: 'migrate',
  image: `${registry}/${namespace}/${app}-migrations:${version}`,
  args: ['up'],
  resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } },
  volumeMounts: [tokenMount],
  ...defaults,
})
