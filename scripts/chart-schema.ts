/** values.schema.json of the Helm chart: every value it has, so that Helm refuses all others by name. */
import type { Key } from '../src/config/schema.ts'
import { allSettings } from '../src/config/schema.ts'
import { destinationKeys } from '../src/config/sections/destinations.ts'
import { resources } from '../src/families/built-in-resources.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const whole: Schema = { type: 'integer', minimum: 0 }
const flag: Schema = { type: 'boolean' }
/** Objects of Kubernetes, which the API server validates. */
const anyObject: Schema = { type: 'object' }
const listOf = (items: Schema): Schema => ({ type: 'array', items })
const objects = listOf(anyObject)
const texts = listOf(text)
const textOr = (schema: Schema): Schema => ({ oneOf: [text, schema] })
/** What the values of kube-state-metrics' chart write for a list without items. */
const empty: Schema = { type: 'object', maxProperties: 0 }
const labels: Schema = { type: 'object', additionalProperties: text }
const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
})
/** What only kube-state-metrics' chart has: the templates refuse it where it is enabled, and say what to use. */
const unavailable: Schema = { type: 'object', properties: { enabled: flag } }
const port: Schema = { type: 'integer', minimum: 1, maximum: 65_535 }
const collectors = listOf({ type: 'string', enum: resources.map(({ plural }) => plural).sort() })
const namespaces = textOr(texts)
const secretKey = object({ name: text, key: text, optional: flag })
const image = object({ registry: text, repository: text, tag: text, sha: text, pullPolicy: text })

/** A section of the configuration file. Secrets do not belong into a ConfigMap. */
function section(name: string): Schema {
  const keys = [...allSettings].filter(([key, setting]) => key.startsWith(`${name}.`) && !setting.secret)
  return object(Object.fromEntries(keys.map(([key, { doc }]) => [lastPart(key), { description: doc }])))
}

/** One destination. Headers are secret, and a configuration file in a ConfigMap is not. */
const destination = {
  ...object(
    Object.fromEntries(
      Object.entries(destinationKeys)
        .filter(([name]) => name !== 'headers')
        .map(([name, { doc }]) => [name, { description: doc }]),
    ),
  ),
  required: ['name', 'endpoint'],
}

const lastPart = (key: Key) => key.slice(key.indexOf('.') + 1)

const probe = object({
  enabled: flag,
  httpGet: object({ scheme: text, httpHeaders: objects }),
  initialDelaySeconds: whole,
  periodSeconds: whole,
  timeoutSeconds: whole,
  failureThreshold: whole,
  successThreshold: whole,
})

const endpoint = object({
  enabled: flag,
  interval: text,
  scrapeTimeout: text,
  proxyUrl: text,
  enableHttp2: flag,
  scheme: text,
  tlsConfig: anyObject,
  bearerTokenFile: text,
  bearerTokenSecret: secretKey,
  honorLabels: flag,
  honorTimestamps: flag,
  relabelings: objects,
  metricRelabelings: objects,
})

const monitor = object({
  enabled: flag,
  namespace: text,
  namespaceSelector: texts,
  annotations: labels,
  additionalLabels: labels,
  selectorOverride: labels,
  jobLabel: text,
  targetLabels: texts,
  podTargetLabels: texts,
  scrapeProtocols: texts,
  sampleLimit: whole,
  targetLimit: whole,
  labelLimit: whole,
  labelNameLengthLimit: whole,
  labelValueLengthLimit: whole,
  http: endpoint,
  metrics: endpoint,
})

/** A PrometheusRule, with the keys that a monitor has. */
const rules = object({ enabled: flag, namespace: text, annotations: labels, additionalLabels: labels })

const push = {
  otlp: section('otlp'),
  push: section('push'),
  destinations: listOf(destination),
  telemetry: section('telemetry'),
  server: section('server'),
  kubernetes: section('kubernetes'),
  otlpHeadersSecret: secretKey,
  collector: object({
    sidecar: object({ enabled: flag, prometheusUrl: text, image, config: text, env: objects, resources: anyObject }),
  }),
}

const selection = {
  collectors,
  collectorsExtra: collectors,
  collectorsExclude: collectors,
  namespaces,
  namespacesDenylist: namespaces,
  releaseNamespace: flag,
  metricAllowlist: texts,
  metricDenylist: texts,
  metricLabelsAllowlist: texts,
  metricAnnotationsAllowList: texts,
  customResourceState: object({
    ...{ enabled: flag, create: flag, name: text, key: text, config: anyObject },
    ...{ configMapSelector: text, configMapNamespaces: texts },
    ...{ resourceMetricsMonitors: flag, resourceMetricsMonitorNamespaces: texts },
  }),
}

const workload = {
  perNode: object({ enabled: flag, tolerations: objects, updateStrategy: anyObject, resources: anyObject }),
  autosharding: object({ enabled: flag }),
  replicas: whole,
  image,
  imagePullSecrets: listOf(textOr(object({ name: text }))),
  // Charts that have this one as a dependency share their own values there.
  global: {
    type: 'object',
    properties: { imageRegistry: text, imagePullSecrets: listOf(textOr(object({ name: text }))) },
  },
  nameOverride: text,
  fullnameOverride: text,
  namespaceOverride: text,
  customLabels: labels,
  labels,
  podLabels: labels,
  annotations: labels,
  podAnnotations: labels,
  selectorOverride: labels,
  releaseLabel: flag,
  revisionHistoryLimit: whole,
  updateStrategy: textOr(anyObject),
  priorityClassName: text,
  hostNetwork: flag,
  hostUsers: { anyOf: [flag, { type: 'null' }] },
  dnsPolicy: text,
  dnsConfig: anyObject,
  nodeSelector: labels,
  tolerations: objects,
  affinity: textOr(anyObject),
  topologySpreadConstraints: objects,
  extraArgs: texts,
  env: { anyOf: [objects, empty] },
  volumes: objects,
  volumeMounts: objects,
  containers: textOr(objects),
  initContainers: textOr(objects),
  resources: anyObject,
  verticalPodAutoscaler: object({
    enabled: flag,
    recommenders: objects,
    controlledResources: texts,
    controlledValues: text,
    maxAllowed: anyObject,
    minAllowed: anyObject,
    updatePolicy: anyObject,
  }),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
}

const rightsAndSecurity = {
  rbac: object({ create: flag, useClusterRole: flag, useExistingRole: text, extraRules: objects }),
  serviceAccount: object({
    create: flag,
    name: text,
    annotations: labels,
    imagePullSecrets: listOf(object({ name: text })),
    automountServiceAccountToken: flag,
  }),
  automountServiceAccountToken: flag,
  kubeconfig: object({ enabled: flag, secret: text }),
  securityContext: { type: 'object', properties: { enabled: flag } },
  containerSecurityContext: anyObject,
  networkPolicy: object({
    enabled: flag,
    flavor: text,
    cilium: anyObject,
    ingress: objects,
    egress: objects,
    podSelector: anyObject,
  }),
  podDisruptionBudget: anyObject,
  authFilter: object({ enabled: flag }),
  leaderElection: object({ enabled: flag }),
}

const scraping = {
  service: object({
    port,
    type: text,
    clusterIP: text,
    nodePort: whole,
    loadBalancerIP: text,
    loadBalancerSourceRanges: texts,
    ipDualStack: object({ enabled: flag, ipFamilies: texts, ipFamilyPolicy: text }),
    annotations: labels,
  }),
  selfMonitor: object({ enabled: flag, telemetryHost: text, telemetryPort: port, telemetryNodePort: whole }),
  prometheusScrape: flag,
  prometheus: object({ monitor, podMonitor: monitor, rules, scrapeconfig: unavailable }),
  dashboards: object({ enabled: flag, namespace: text, annotations: labels, labels }),
  extraManifests: listOf(textOr(anyObject)),
  kubeRBACProxy: unavailable,
}

/** The text of the file. */
export function renderChartSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Generated by npm run docs; do not edit.',
    title: 'Values of the chart kube-state-otlp',
    ...object({ ...push, ...selection, ...workload, ...rightsAndSecurity, ...scraping }),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
