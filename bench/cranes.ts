/** Deployments, and a custom resource of the same content whose rules yield the same number of series with the same labels. */

import { readRules } from '../src/custom-resources/read-rules.ts'
import { resources } from '../src/families/built-in-resources.ts'
import type { AnyResource } from '../src/families/family.ts'

/** One rule per family that yields series of the objects below; the names are as long as those of the families. */
export const rules = `
spec:
  resources:
    - groupVersionKind: {group: harbour.example, version: v1, kind: Crane}
      metricNamePrefix: kube_crane
      labelsFromPath: {namespace: [metadata, namespace], crane: [metadata, name]}
      metrics:
        - {name: image, help: I, each: {type: Info, info: {path: [spec, template, spec, containers], labelsFromPath: {image: [image]}}}}
        - {name: created, help: C, each: {type: Gauge, gauge: {path: [metadata, creationTimestamp]}}}
        - {name: status_replicas, help: R, each: {type: Gauge, gauge: {path: [status, replicas]}}}
        - {name: status_replicas_ready, help: R, each: {type: Gauge, gauge: {path: [status, readyReplicas]}}}
        - {name: status_replicas_available, help: A, each: {type: Gauge, gauge: {path: [status, availableReplicas]}}}
        - {name: status_replicas_unavailable, help: U, each: {type: Gauge, gauge: {path: [status, unavailableReplicas], nilIsZero: true}}}
        - {name: status_replicas_updated, help: U, each: {type: Gauge, gauge: {path: [status, updatedReplicas]}}}
        - {name: status_observed_generation, help: O, each: {type: Gauge, gauge: {path: [status, observedGeneration]}}}
        - name: status_condition
          help: C
          each:
            type: StateSet
            stateSet: {path: [status, conditions], labelName: status, valueFrom: [status], list: ["True", "False", Unknown], labelsFromPath: {condition: [type], reason: [reason]}}
        - {name: spec_replicas, help: R, each: {type: Gauge, gauge: {path: [spec, replicas]}}}
        - {name: spec_paused, help: P, each: {type: Gauge, gauge: {path: [spec, paused], nilIsZero: true}}}
        - {name: max_unavailable, help: M, each: {type: Gauge, gauge: {path: [spec, strategy, rollingUpdate, maxUnavailable]}}}
        - {name: max_surge, help: M, each: {type: Gauge, gauge: {path: [spec, strategy, rollingUpdate, maxSurge]}}}
        - {name: metadata_generation, help: G, each: {type: Gauge, gauge: {path: [metadata, generation]}}}
`

const kind = { group: 'harbour.example', version: 'v1', kind: 'Crane', plural: 'cranes', namespaced: true }
export const [cranes] = readRules([{ source: 'bench', text: rules }]).rules.resolve([kind]) as [AnyResource]
export const deployments = resources.find(({ plural }) => plural === 'deployments') as AnyResource

const objectBytes = 5000

const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: 'as expected' })
const conditions = [
  condition('Available', 'MinimumReplicasAvailable'),
  condition('Progressing', 'NewReplicaSetAvailable'),
]
const status = {
  replicas: 3,
  readyReplicas: 3,
  updatedReplicas: 3,
  availableReplicas: 3,
  observedGeneration: 3,
  conditions,
}
const pod = { metadata: {}, spec: { containers: [{ name: 'a', image: 'registry.example/app:v1' }] } }
const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }
const spec = { replicas: 3, selector: { matchLabels: { app: 'x' } }, template: pod, strategy }

function metadataOf(index: number) {
  return {
    name: `crane-${index}`,
    namespace: `quay-${index % 7}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    resourceVersion: String(1000 + index),
    generation: 3,
    creationTimestamp: '2026-01-02T03:04:05Z',
    labels: { app: `app-${index}`, tier: 'front' },
  }
}

/** What nobody reads, up to the size of an object. */
const padding = Array.from({ length: 200 }, (_, i) => ({
  name: `PAD_${i}`,
  value: 'a value that nobody reads',
  port: 8080,
}))
const bare = JSON.stringify({ metadata: metadataOf(0), spec: { ...spec, padding: [] }, status }).length
const perEntry = JSON.stringify(padding).length / padding.length
const paddedSpec = { ...spec, padding: padding.slice(0, Math.ceil((objectBytes - bare) / perEntry)) }

/** The object with this number, about 5 KB as JSON: of both kinds, with what the families and the rules read. */
export function createObject(index: number) {
  return { metadata: metadataOf(index), spec: paddedSpec, status }
}
