/** The simulated API server that generates its pods, as the reader of the program sees it. */

import { describe, expect, it } from 'vitest'
import { createPodFrames, uidOf } from '../../../bench/program/pod-frames.ts'
import type { PodChange } from '../../../bench/program/pod-population.ts'
import { createPodPopulation } from '../../../bench/program/pod-population.ts'
import { compileProtobufDecoder } from '../../../src/kubernetes/decode/protobuf.ts'
import { createProtobufWatchReader } from '../../../src/kubernetes/decode/protobuf-stream.ts'
import type { KubernetesObject } from '../../../src/schemas/object-meta.ts'
import { Pod } from '../../../src/schemas/pod.ts'

const frames = createPodFrames()
const decode = compileProtobufDecoder<KubernetesObject>(Pod)

function read(...changes: readonly PodChange[]) {
  const reader = createProtobufWatchReader({ decode })
  const bytes = Buffer.concat(changes.map(({ type, slot, pod }) => frames.write(type, slot, pod)))
  return [...reader.read(bytes)]
}

describe('frames', () => {
  it('are events of pods that differ in name, UID, label and resourceVersion', () => {
    const pod = { id: 0xab12, revision: 7, resourceVersion: 1_000_000_123 }
    const [added, deleted] = read({ type: 'ADDED', slot: 3, pod }, { type: 'DELETED', slot: 203, pod }) as unknown as {
      type: string
      object: KubernetesObject
    }[]
    expect(added?.type).toBe('ADDED')
    expect(added?.object.metadata).toMatchObject({
      name: 'web-7d9c6b4f8-0000ab12',
      uid: uidOf(0xab12),
      resourceVersion: '1000000123',
      namespace: 'team-3',
    })
    expect(added?.object.metadata.labels.get('revision')).toBe('00000007')
    expect(deleted?.type).toBe('DELETED')
    expect(deleted?.object).toEqual(added?.object)
  })

  it('leave the templates as they were', () => {
    const pod = { id: 1, revision: 0, resourceVersion: 1_000_000_000 }
    const before = frames.write('ADDED', 0, pod)
    frames.write('ADDED', 0, { ...pod, id: 2 }).fill(0)
    expect(frames.write('ADDED', 0, pod)).toEqual(before)
  })
})

describe('the population', () => {
  const idsOf = (changes: Iterable<PodChange>) => new Set([...changes].map(({ pod }) => pod.id))

  it('is the same when its changes are applied to a copy, and has resourceVersions that only grow', () => {
    const population = createPodPopulation(300)
    const copy = idsOf(population.added())
    let latest = population.resourceVersion
    for (let generation = 1; generation <= 6; generation++) {
      for (const { type, pod } of population.churn(generation)) {
        expect(pod.resourceVersion).toBe(++latest)
        if (type === 'ADDED') copy.add(pod.id)
        else if (type === 'DELETED') copy.delete(pod.id)
        else expect(copy).toContain(pod.id)
      }
      expect(idsOf(population.added())).toEqual(copy)
      expect(population.size).toBe(generation % 2 === 0 ? 300 : 270)
      population.replaceUnseen(generation)
      const listed = idsOf(population.added())
      expect([...listed].filter((id) => !copy.has(id))).toHaveLength(90)
      copy.clear()
      for (const id of listed) copy.add(id)
      latest = population.resourceVersion
    }
  })

  it('has another pod or another label in every slot after a generation', () => {
    const population = createPodPopulation(300)
    const before = [...population.added()].map(({ pod: { id, revision } }) => `${id}/${revision}`)
    for (const _ of population.churn(1));
    population.replaceUnseen(1)
    const after = [...population.added()].map(({ pod: { id, revision } }) => `${id}/${revision}`)
    expect(after.filter((pod) => before.includes(pod))).toEqual([])
  })
})
