/** The proxy variables as the program reads them: exempt hosts are reached directly, and over HTTP/2. */
import { afterEach, expect, test, vi } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { createAuthority } from '../simulator/otlp/certificates.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(async () => {
  await endWorld()
  vi.unstubAllEnvs()
})

test('a proxy that does not answer is not asked for the API server and the receiver on exempt hosts', async () => {
  const authority = createAuthority('ours')
  const world = await startWorld(builtInKinds, { tls: authority.issueLeaf('api'), authority: authority.cert })
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1')
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  vi.stubEnv('NO_PROXY', '127.0.0.0/8,.svc')
  world.api.objects.create('namespaces', { metadata: { name: 'shop' } })
  await startProgram(world, { resources: { namespaces: {} } })
  await until(() => world.receiver.liveSet.live().has('kube_namespace_created{namespace="shop"}'))
  expect(new Set(world.api.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(['2.0']))
})
