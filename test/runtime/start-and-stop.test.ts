/** Start and stop as an operator sees them: the log and /readyz. */
import { afterEach, expect, test } from 'vitest'
import type { RequestFilter } from '../../simulator/api/api-faults.ts'
import { withoutRight } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { poison, withAttributes } from '../../simulator/otlp/receiver-faults.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { Program } from './world.ts'
import { endWorld, launchProgram, readPage, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name } })
const kubeSystem = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } }

function recordLog() {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const log = createLog({ level: 'info', format: 'json', destination })
  return { log, records, messages: () => records.map(({ message }) => String(message)) }
}

async function readReadyz({ addresses }: Program): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/readyz`)
  return { status: response.status, body: await response.text() }
}

test('the log has the addresses of the pages and of the receiver, the first successful push, and the end of the initial lists', async () => {
  const world = await startWorld(builtInKinds)
  world.api.objects.create('pods', pod('a'))
  const { log, records, messages } = recordLog()
  const program = await startProgram(world, { resources: { pods: {} } }, { log })
  const ready = 'ready: the initial lists of all selected resources are complete'
  const acknowledged = 'the receiver acknowledged the first request'
  await until(() => messages().includes(ready) && messages().includes(acknowledged))
  const { addresses } = program
  const recordOf = (message: string) => records.find((record) => record.message === message)
  expect(recordOf('serving object metrics and self-metrics')).toMatchObject({
    objects: `127.0.0.1:${addresses?.metricsAddress.port}/metrics`,
    self: `127.0.0.1:${addresses?.telemetryAddress.port}/metrics`,
  })
  const endpoint = `http://${world.receiver.grpcAddress}`
  expect(recordOf('pushing object state over OTLP')).toMatchObject({ endpoint, instance: 'test' })
  expect(recordOf(acknowledged)).toMatchObject({ endpoint })
  expect(recordOf(ready)).toMatchObject({ objects: 1 })
  await program.stop()
  expect(messages().slice(-2)).toEqual([
    'stopping: waiting at most 5s for the receiver to acknowledge what is pending',
    'stopped: everything was delivered',
  ])
})

test('a stop says what could not be delivered', async () => {
  const world = await startWorld(builtInKinds)
  const { log, records } = recordLog()
  const push = { flush_interval: '20ms', shutdown_grace: '50ms' }
  const program = await startProgram(world, { resources: { pods: {} }, push }, { log })
  await world.receiver.stop()
  world.api.objects.create('pods', pod('a'))
  await until(async () => (await readPage(program)).includes('pod="a"'))
  await program.stop()
  expect(records.at(-1)).toMatchObject({
    level: 'warn',
    message: 'stopped: not everything was delivered in time',
    objects: 1,
    staleMarkers: 0,
  })
})

test('a stop does not claim that what the receiver rejects was delivered', async () => {
  const world = await startWorld(builtInKinds)
  const { log, records, messages } = recordLog()
  world.api.objects.create('pods', pod('a'))
  world.api.objects.create('pods', pod('rejected'))
  world.receiver.setFaults(poison(withAttributes({ pod: 'rejected' })))
  const program = await startProgram(world, { resources: { pods: {} } }, { log })
  await until(() => messages().includes('the receiver rejected these objects; retrying after an interval'))
  await program.stop()
  expect(records.at(-1)).toMatchObject({
    level: 'warn',
    message: 'stopped: everything was delivered except objects that the receiver rejects',
    objects: 1,
  })
})

test('without any permission it is not ready, and one log line names all resources', async () => {
  const world = await startWorld(builtInKinds)
  world.api.setFaults(withoutRight(() => true))
  const { log, records } = recordLog()
  const resources = { pods: {}, nodes: {}, services: {} }
  const program = await launchProgram(world, { resources }, { log })
  await until(async () => (await readReadyz(program)).body.includes('none of the selected resources can be read'))
  expect(await readReadyz(program)).toEqual({
    status: 503,
    body: 'not ready\n0 of 3 lists complete\nnone of the selected resources can be read\nnodes: forbidden\npods: forbidden\nservices: forbidden\n',
  })
  await until(() => records.some(({ names }) => names !== undefined))
  const warnings = records.filter(({ level }) => level === 'warn')
  expect(warnings).toMatchObject([{ count: 3, names: expect.arrayContaining(['nodes', 'pods', 'services']) }])
})

/** The requests of the one who asks for the identity of the cluster. */
const forIdentity: RequestFilter = ({ resource, query }) =>
  resource?.plural === 'namespaces' && (resource.name === 'kube-system' || query.has('fieldSelector'))

const identified = (receiver: string) => ({ resources: { pods: {} }, otlp: { endpoint: `http://${receiver}` } })

test('the role of kube-state-metrics, which may list namespaces, is enough to push', async () => {
  const world = await startWorld(builtInKinds)
  const { uid = '' } = world.api.objects.create('namespaces', kubeSystem).metadata
  world.api.objects.create('pods', pod('a'))
  world.api.setFaults(withoutRight(({ resource, verb }) => resource?.plural === 'namespaces' && verb === 'get'))
  await startProgram(world, identified(world.receiver.grpcAddress))
  await until(() => world.receiver.liveSet.live({ instance: uid }).size > 0)
})

test('without a cluster identity /readyz reports that the push waits, and what to do', async () => {
  const world = await startWorld(builtInKinds)
  world.api.objects.create('namespaces', kubeSystem)
  world.api.setFaults(withoutRight(forIdentity))
  const { log, messages } = recordLog()
  const program = await launchProgram(world, identified(world.receiver.grpcAddress), { log })
  await until(async () => (await readReadyz(program)).body.includes('1 of 1 lists complete\npush: the UID'))
  expect(await readReadyz(program)).toMatchObject({ status: 503, body: expect.stringContaining('otlp.instance_id') })
  expect(messages().filter((message) => message.startsWith('the UID of the namespace kube-system'))).toHaveLength(1)
  await program.stop()
  expect(messages().at(-1)).toBe('stopped before pushing began: nothing was delivered')
  expect(messages()).not.toContain('the identity of the cluster is known')
})
