/**
 * The cost of custom resources beside that of a built-in kind in JSON: decoding from a list, observing, and retained bytes, per
 * object and per series. Deployments of the conformance cases, padded to 5 KB as the custom resources are, run the same way.
 * Run: node bench/custom-resources.ts
 */

import { readRules } from '../src/custom-resources/read-rules.ts'
import { resources } from '../src/families/built-in-resources.ts'
import type { AnyResource } from '../src/families/family.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import { createJsonListReader } from '../src/kubernetes/decode/json-stream.ts'
import { createBlockWriter } from '../src/rows/block-writer.ts'
import { createLayout } from '../src/rows/layout.ts'
import { createRegistry } from '../src/rows/registry.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'

const rules = `
spec:
  resources:
    - groupVersionKind: {group: harbour.example, version: v1, kind: Crane}
      labelsFromPath: {namespace: [metadata, namespace], name: [metadata, name]}
      metrics:
        - {name: created, help: C, each: {type: Gauge, gauge: {path: [metadata, creationTimestamp]}}}
        - {name: generation, help: G, each: {type: Gauge, gauge: {path: [metadata, generation]}}}
        - {name: replicas, help: R, each: {type: Gauge, gauge: {path: [spec, replicas]}}}
        - {name: ready, help: R, each: {type: Gauge, gauge: {path: [status, readyReplicas]}}}
        - {name: updated, help: U, each: {type: Gauge, gauge: {path: [status, updatedReplicas]}}}
        - {name: observed, help: O, each: {type: Gauge, gauge: {path: [status, observedGeneration]}}}
        - name: condition
          help: C
          each:
            type: StateSet
            stateSet: {path: [status, conditions], labelName: status, valueFrom: [status], list: ["True", "False", Unknown], labelsFromPath: {condition: [type], reason: [reason]}}
        - {name: info, help: I, each: {type: Info, info: {path: [spec, template], labelsFromPath: {image: [image]}}}}
`

const objectBytes = 5000
const batch = 64
const rounds = 80

/** A workload with what both kinds read, and what nobody reads up to its size. */
function objectText(apiVersion: string, kind: string, index: number): string {
  const condition = (type: string, status: string, reason: string) => ({ type, status, reason, message: 'as expected' })
  const object = {
    apiVersion,
    kind,
    metadata: {
      name: `crane-${index}`,
      namespace: `quay-${index % 7}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(1000 + index),
      generation: 3,
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { app: `app-${index}`, tier: 'front' },
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'x' } },
      template: { image: 'registry.example/app:v1', metadata: {}, spec: { containers: [{ name: 'a', image: 'b' }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      padding: [] as object[],
    },
    status: {
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 3,
      conditions: [
        condition('Available', 'True', 'MinimumReplicasAvailable'),
        condition('Progressing', 'True', 'NewReplicaSetAvailable'),
      ],
    },
  }
  while (JSON.stringify(object).length < objectBytes) {
    object.spec.padding.push({
      name: `PAD_${object.spec.padding.length}`,
      value: 'a value that nobody reads',
      port: 8080,
    })
  }
  return JSON.stringify(object)
}

interface Figures {
  readonly decodeUs: number
  readonly observeUs: number
  readonly series: number
  readonly bytes: number
}

function measure(resource: AnyResource): Figures {
  const texts = Array.from({ length: batch }, (_, i) => objectText(resource.apiVersion, resource.kind, i))
  const list = Buffer.from(
    `{"kind":"${resource.kind}List","apiVersion":"${resource.apiVersion}","metadata":{},"items":[${texts}]}`,
  )
  const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
  const registry = createRegistry()
  const plan = { resource, families: resource.families, labelKeys: undefined, annotationKeys: undefined }
  const writer = createBlockWriter(createLayout(plan, registry), (family, _object, error) => {
    throw new Error(`${family.family.name}: ${error}`)
  })
  let best: Figures = { decodeUs: Infinity, observeUs: Infinity, series: 0, bytes: 0 }
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    const objects = [...createJsonListReader({ decode, members: resource.reads }).read(list)] as KubernetesObject[]
    const decodedMs = performance.now()
    let series = 0
    let bytes = 0
    for (const object of objects) {
      const block = writer.write(object)
      series += block.rows
      bytes += block.length
    }
    const observedMs = performance.now()
    best = {
      decodeUs: Math.min(best.decodeUs, ((decodedMs - startedMs) * 1000) / batch),
      observeUs: Math.min(best.observeUs, ((observedMs - decodedMs) * 1000) / batch),
      series: series / batch,
      bytes: bytes / batch,
    }
  }
  return best
}

const kind = { group: 'harbour.example', version: 'v1', kind: 'Crane', plural: 'cranes', namespaced: true }
const [custom] = readRules([{ source: 'bench', text: rules }]).rules.resolve([kind])
const builtIn = resources.find(({ plural }) => plural === 'deployments')
const rows = [
  { name: 'deployments, built in', ...measure(builtIn as AnyResource) },
  { name: 'cranes, by rules', ...measure(custom as AnyResource) },
]
console.log('per object of 5 KB      decode  observe  series  | per series: us   block bytes')
for (const { name, decodeUs, observeUs, series, bytes } of rows) {
  const perSeries = (decodeUs + observeUs) / series
  console.log(
    `${name.padEnd(22)} ${decodeUs.toFixed(1).padStart(6)}us ${observeUs.toFixed(1).padStart(6)}us ${series.toFixed(0).padStart(6)}  | ${perSeries.toFixed(2).padStart(14)}us ${(bytes / series).toFixed(0).padStart(6)}`,
  )
}
