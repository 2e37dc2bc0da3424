/** The whole program with two destinations: one over gRPC with everything, one over HTTP with a selection of its own. */
import { afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { World } from './world.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const addService = ({ api }: World, name: string, namespace: string) =>
  api.objects.create('services', { metadata: { name, namespace }, spec: { type: 'ClusterIP' } })

const seriesAt = ({ liveSet }: OtlpReceiver, pattern: RegExp) =>
  [...liveSet.live().keys()].flatMap((series) => pattern.exec(series)?.[1] ?? []).sort()
const servicesAt = (receiver: OtlpReceiver) => seriesAt(receiver, /^kube_service_created\{.*service="([^"]+)"/)
const namesAt = (receiver: OtlpReceiver) => new Set(seriesAt(receiver, /^(\w+)/))

test('each destination gets its selection over its protocol; one that is away delays no other', {
  timeout: 60_000,
}, async () => {
  const world = await startWorld(builtInKinds)
  const second = await createOtlpReceiver()
  for (const [name, namespace] of [
    ['s1', 'web'],
    ['s2', 'db'],
  ] as const)
    addService(world, name, namespace)
  const program = await startProgram(world, {
    resources: { services: {}, namespaces: {} },
    destinations: [
      {
        name: 'second',
        endpoint: `http://${second.httpAddress}`,
        protocol: 'http/protobuf',
        compression: 'zstd',
        namespaces: ['web'],
        metric_allowlist: ['^kube_service_created$'],
      },
    ],
  })
  await until(() => servicesAt(world.receiver).length === 2 && servicesAt(second).length === 1)
  expect(servicesAt(second)).toEqual(['s1'])
  expect(namesAt(second)).toEqual(new Set(['kube_service_created']))
  expect(namesAt(world.receiver)).toContain('kube_service_info')

  await second.stop()
  addService(world, 's3', 'web')
  await until(() => servicesAt(world.receiver).length === 3)
  expect(servicesAt(second)).toEqual(['s1'])
  const page = async () => (await fetch(`http://127.0.0.1:${program.addresses?.telemetryAddress.port}/metrics`)).text()
  await until(async () =>
    /^kube_state_otlp_push_oldest_change_age_seconds\{destination="second"\} (?!0$)/m.test(await page()),
  )
  const metrics = await page()
  expect(metrics).toMatch(/^kube_state_otlp_push_oldest_change_age_seconds\{destination="default"\} 0$/m)
  expect(metrics).toMatch(/^kube_state_otlp_push_requests_total\{destination="default",outcome="success"\} \d+$/m)
  expect(metrics).toMatch(/^kube_state_otlp_push_requests_total\{destination="second",outcome="unavailable"\} \d+$/m)

  await second.start()
  world.api.objects.delete('services', { name: 's1', namespace: 'web' })
  await until(() => servicesAt(second).join() === 's3')
  await program.stop()
  await second.close()
})
