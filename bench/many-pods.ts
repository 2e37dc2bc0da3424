/** Many decoded pods, and an engine for them. */

import { pods } from '../src/families/resources/pods.ts'
import { compileJsonDecoder } from '../src/kubernetes/decode/json.ts'
import type { Engine } from '../src/runtime/engine.ts'
import { createEngine } from '../src/runtime/engine.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'
import { Pod } from '../src/schemas/pod.ts'
import type { Plan } from '../src/selection/plan.ts'
import { createPods } from './pod-of-ten-kilobytes.ts'

/** All default families of pods, without copied labels. */
export const podPlan: Plan = [
  {
    resource: pods,
    families: pods.families.filter(({ optIn }) => !optIn),
    labelKeys: undefined,
    annotationKeys: undefined,
  },
]

/** Allocated once, so that they do not count in memory differences. */
const templates = createPods(200).json
const decodePod = compileJsonDecoder<KubernetesObject>(Pod)

/** Decodes this many pods one at a time, with different names, UIDs and nodes. */
export function* decodePods(count: number): Generator<KubernetesObject> {
  for (let i = 0; i < count; i++) {
    const pod = decodePod(JSON.parse(templates[i % templates.length] as string))
    const name = `${pod.metadata.name}-${i.toString(36)}`
    const uid = `${i.toString(16).padStart(8, '0')}${pod.metadata.uid.slice(8)}`
    yield { ...pod, metadata: { ...pod.metadata, name, uid } }
  }
}

/** An engine; a callback that throws ends the run. */
export function createPodEngine(): Engine {
  const engine = createEngine({
    now: () => performance.now(),
    onFamilyError: (_family, _object, error) => {
      throw error
    },
    onDuplicates: () => {},
  })
  engine.apply(podPlan)
  return engine
}

/** Limits that no benchmark reaches. */
export const markerLimits = { maxSeries: 10_000_000, maxAgeMs: 300_000 }

/** The number of pods for this many series. */
export function podsForSeries(series: number): number {
  const engine = createPodEngine()
  for (const pod of decodePods(1)) engine.upsert(0, pod)
  return Math.ceil(series / engine.store.series(0))
}
