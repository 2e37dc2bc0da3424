/** When a resource may be pushed: once all its lists are complete or refused, so that a right missing in one namespace silences no other. */
import { afterEach, expect, test } from 'vitest'
import { withoutRight } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { ApiRequest } from '../../simulator/api/request.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name },
})
const isIn = (namespace: string) => (request: ApiRequest) => request.resource?.namespace === namespace

test('a forbidden namespace does not keep the others from being pushed', async () => {
  const world = await startWorld(builtInKinds)
  world.api.objects.create('pods', pod('shop', 'a'))
  world.api.objects.create('pods', pod('vault', 'b'))
  world.api.setFaults(withoutRight(isIn('vault')))
  await startProgram(world, { resources: { pods: {} }, namespaces: ['shop', 'vault'] })
  const names = () =>
    [...world.receiver.liveSet.live().keys()].filter((series) => series.startsWith('kube_pod_created'))
  await until(() => names().length > 0)
  expect(names().join()).toContain('namespace="shop"')
})
