/** A kubeconfig that changes while the program runs: another server is read from then on, without a restart. */
import { writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { createApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

test('what only the old server has ends, what the new one has arrives', { timeout: 60_000 }, async () => {
  const world = await startWorld(builtInKinds)
  const other = await createApiServer({ kinds: builtInKinds })
  world.api.objects.create('namespaces', { metadata: { name: 'old' } })
  other.objects.create('namespaces', { metadata: { name: 'new' } })
  const program = await startProgram(world, { resources: { namespaces: {} } })
  const { liveSet } = world.receiver
  await until(() => liveSet.live().has('kube_namespace_created{namespace="old"}'))
  writeFileSync(world.kubeconfig, other.kubeconfig())
  await until(() => liveSet.live().has('kube_namespace_created{namespace="new"}'))
  await until(() => !liveSet.live().has('kube_namespace_created{namespace="old"}'))
  expect(program.readiness().ready).toBe(true)
  await program.stop()
  await other.stop()
})
