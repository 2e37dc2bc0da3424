/** 24 generations: each replaces all pods of the cluster by others. The memory of the process stays flat. */

import { expect, inject, onTestFinished, test } from 'vitest'
import { waitFor } from '../peers.ts'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'

const generations = 24
/** The heap and the arenas reach their sizes in the first generations. */
const warmUp = 8
const size = { namespaces: 2, deploymentsPerNamespace: 10, replicas: 15 }
const podsPerNamespace = size.deploymentsPerNamespace * size.replicas

const podsPath = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`

async function namesOfPods({ client, namespaces }: FaultStack): Promise<Set<string>> {
  const names: string[] = []
  for (const namespace of namespaces) {
    const { body } = await client.get(podsPath(namespace))
    const { items } = body as { items: { metadata: { name: string }; status: { phase: string } }[] }
    names.push(...items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.name))
  }
  return new Set(names)
}

async function replaceAllPods(stack: FaultStack): Promise<void> {
  const former = await namesOfPods(stack)
  for (const namespace of stack.namespaces) await stack.client.delete(`${podsPath(namespace)}?gracePeriodSeconds=0`)
  await waitFor('new pods', async () => {
    const names = await namesOfPods(stack)
    const isNew = ![...names].some((name) => former.has(name))
    return isNew && names.size >= size.namespaces * podsPerNamespace ? true : undefined
  })
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

test('24 generations of pods leave no memory behind', async () => {
  const stack = await startFaultStack({ facts: inject('cluster'), name: 'generations', size })
  onTestFinished(() => stack.stop())
  const product = await stack.start('product')
  const resident: number[] = []
  for (let generation = 0; generation < generations; generation++) {
    await replaceAllPods(stack)
    await waitFor('the series of this generation', async () => {
      const [names, found] = [await namesOfPods(stack), await product.series()]
      const infos = [...found.keys()].filter((text) => text.startsWith('kube_pod_info{'))
      return infos.length === names.size ? true : undefined
    })
    resident.push(await product.selfMetric('process_resident_memory_bytes'))
  }
  const [early, late] = [median(resident.slice(warmUp, warmUp + 8)), median(resident.slice(-8))]
  const compared = await stack.compare('after 24 generations', [product])
  const pods = size.namespaces * podsPerNamespace
  recordFault({
    scenario: `${generations} generations of ${pods} pods`,
    ...compared,
    notes: `resident memory ${megabytes(early)} in generations 9 to 16, ${megabytes(late)} in 17 to 24`,
  })
  expect(compared.refused).toBe(0)
  expect(late / early).toBeLessThan(1.1)
})
