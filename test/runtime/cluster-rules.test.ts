/** Rules for custom resources in objects of the cluster: created, changed, broken and deleted while the program runs. */
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { requestsFor, withoutRight } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { KindDefinition } from '../../simulator/api/kinds.ts'
import type { ApiRequest } from '../../simulator/api/request.ts'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
import type { OtlpReceiverOptions } from '../../simulator/otlp/receiver.ts'
import { createApiClient } from '../../src/kubernetes/api-client.ts'
import type { ClusterAccess } from '../../src/kubernetes/auth/cluster-access.ts'
import { createPermits } from '../../src/kubernetes/permits.ts'
import { createConnection } from '../../src/kubernetes/transport/connection.ts'
import { createRuleObjects } from '../../src/runtime/rule-objects.ts'
import { ConfigMapData } from '../../src/schemas/config-map-data.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createSilentSelfMetrics } from '../../src/telemetry/self-metrics.ts'
import { createTimeSlices } from '../../src/time/time-slices.ts'
import { startScriptedApiServer } from '../kubernetes/scripted-api-server.ts'
import { createManualClock } from '../time/manual-clock.ts'
import type { Program, World } from './world.ts'
import { endWorld, launchProgram, readPage, startFromFile, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const definitions = {
  plural: 'customresourcedefinitions',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}
const buoys = { plural: 'buoys', apiVersion: 'sea.example/v1', kind: 'Buoy', namespaced: true }
const kinds = [...builtInKinds, definitions, buoys]
const definition = {
  metadata: { name: 'buoys.sea.example', uid: 'definition' },
  spec: {
    group: 'sea.example',
    scope: 'Namespaced',
    names: { kind: 'Buoy', plural: 'buoys' },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
}
const rules = (prefix: string, path: string) => `
spec:
  resources:
    - groupVersionKind: {group: sea.example, version: v1, kind: Buoy}
      metricNamePrefix: ${prefix}
      labelsFromPath: {name: [metadata, name]}
      metrics: [{name: depth, help: Depth, each: {type: Gauge, gauge: {path: ${path}}}}]
`
const configMap = (namespace: string, name: string, data: Record<string, string>, labels = { rules: 'yes' }) => ({
  metadata: { namespace, name, labels },
  data,
})
const settings = {
  custom_resources_only: true,
  custom_resource_state_config_map_selector: 'rules=yes',
}

async function startSea(more: readonly KindDefinition[] = [], receiver: OtlpReceiverOptions = {}) {
  const world = await startWorld([...kinds, ...more], {}, receiver)
  world.api.objects.create('customresourcedefinitions', definition)
  world.api.objects.create('buoys', { metadata: { namespace: 'bay', name: 'red' }, spec: { depth: 7, width: 2 } })
  return world
}

/** The metric names on the wire with their values. */
function live({ receiver }: World): string {
  return [...receiver.liveSet.live()]
    .map(([series, value]) => `${series.replace(/[{].*/, '')}=${value}`)
    .sort()
    .join(' ')
}

async function ownMetrics({ addresses }: Program): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/metrics`)
  return response.text()
}

function recordedLog() {
  const messages: string[] = []
  const destination = { write: (line: string) => void messages.push(JSON.parse(line).message) }
  return { messages, log: createLog({ level: 'info', format: 'json', destination }) }
}

test('a ConfigMap is read, changed, broken, repaired and deleted; others are not affected', async () => {
  const world = await startSea()
  const { objects } = world.api
  const { messages, log } = recordedLog()
  objects.create('configmaps', configMap('team-a', 'buoys', { 'depth.yaml': rules('a', '[spec, depth]') }))
  objects.create('configmaps', configMap('team-a', 'unlabelled', { x: rules('no', '[spec, depth]') }, { rules: 'no' }))
  const program = await startProgram(world, settings, { log })
  expect(await readPage(program)).toContain('a_depth{')
  await until(() => live(world) === 'a_depth=7')

  objects.create('configmaps', configMap('team-b', 'more', { 'w.yaml': rules('b', '[spec, width]'), z: '' }))
  await until(() => live(world) === 'a_depth=7 b_depth=2')

  objects.update('configmaps', configMap('team-b', 'more', { 'w.yaml': rules('b', '[spec, "[n]"]') }))
  await until(() => messages.some((message) => message.includes('stay as they were before')))
  expect(messages.filter((message) => message.startsWith('team-b/more/w.yaml:7:'))).toHaveLength(1)
  objects.update('configmaps', configMap('team-a', 'buoys', { 'depth.yaml': rules('c', '[spec, depth]') }))
  await until(() => live(world) === 'b_depth=2 c_depth=7')
  expect(messages.filter((message) => message.startsWith('team-b/more/w.yaml:7:'))).toHaveLength(1)
  const reload = 'kube_state_metrics_last_config_reload_successful{type="customresourceconfig",filename='
  expect(await ownMetrics(program)).toContain(`${reload}"team-b/more/w.yaml"} 0\n`)

  objects.update('configmaps', configMap('team-b', 'more', { 'w.yaml': rules('b', '[spec, depth]') }))
  await until(() => live(world) === 'b_depth=7 c_depth=7')
  objects.update(
    'configmaps',
    configMap('team-a', 'buoys', { 'depth.yaml': rules('c', '[spec, depth]') }, { rules: 'no' }),
  )
  await until(() => live(world) === 'b_depth=7')
  objects.delete('configmaps', { namespace: 'team-b', name: 'more' })
  await until(() => live(world) === '')
  expect(await readPage(program)).not.toContain('_depth')
  expect(await ownMetrics(program)).not.toContain('team-b/more')
  expect([...world.receiver.liveSet.problems]).toEqual([])
})

test('readiness waits for the rules, and for the kinds that they are for', async () => {
  const world = await startSea()
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  world.api.setFaults((request) => (requestsFor('configmaps')(request) ? { until: opened } : undefined))
  world.api.objects.create('configmaps', configMap('team-a', 'buoys', { a: rules('a', '[spec, depth]') }))
  const program = await launchProgram(world, {
    ...settings,
    custom_resources_only: false,
    resources: { namespaces: {} },
  })
  await until(() => program.readiness().lines.includes('1 of 2 lists complete'))
  expect(program.readiness()).toEqual({
    ready: false,
    lines: ['1 of 2 lists complete', expect.stringMatching(/^configmaps with rules: (connecting|listing)$/)],
  })
  open()
  await until(() => program.readiness().ready)
  expect(await readPage(program)).toContain('a_depth{')
})

test('only the named namespaces are read; a missing right is said, and delays nothing', async () => {
  const world = await startSea()
  const { messages, log } = recordedLog()
  const isForbidden = (request: ApiRequest) => request.resource?.namespace === 'team-b'
  world.api.setFaults(withoutRight(isForbidden))
  for (const team of ['team-a', 'team-b', 'team-c']) {
    const text = rules(team.replace('-', '_'), '[spec, depth]')
    world.api.objects.create('configmaps', configMap(team, 'buoys', { text }))
  }
  const namespaces = ['team-a', 'team-b']
  const program = await startProgram(
    world,
    { ...settings, custom_resource_state_config_map_namespaces: namespaces },
    { log },
  )
  expect(program.readiness().lines).toContain('configmaps with rules: forbidden in namespace team-b')
  const missing =
    'a Role in namespace team-b must have the rule { apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"] }'
  await until(() => messages.some((message) => message.includes(missing)))
  await until(() => live(world) === 'team_a_depth=7')
  world.api.setFaults(() => undefined)
})

const monitors = {
  plural: 'resourcemetricsmonitors',
  apiVersion: 'resource-state-metrics.instrumentation.k8s-sigs.io/v1alpha1',
  kind: 'ResourceMetricsMonitor',
  namespaced: true,
}
const monitor = (namespace: string, name: string, family: string, value: string, more: object[] = []) => ({
  metadata: { namespace, name },
  spec: {
    configuration: {
      stores: [
        {
          ...{ group: 'sea.example', version: 'v1', kind: 'Buoy', resource: 'buoys', resolver: 'cel' },
          families: [{ name: family, help: 'H', metrics: [{ value }] }, ...more],
        },
      ],
    },
  },
})

test('a monitor is taken up when its kind appears, and then changed, broken in part and deleted', async () => {
  const world = await startSea([monitors])
  const { objects } = world.api
  const { messages, log } = recordedLog()
  const isAbsent = requestsFor('resourcemetricsmonitors')
  const notFound = { code: 404, body: { kind: 'Status', code: 404, reason: 'NotFound' } }
  world.api.setFaults((request) => (isAbsent(request) ? { response: notFound } : undefined))
  objects.create('resourcemetricsmonitors', monitor('team-a', 'm', 'depth', 'o.spec.depth'))
  objects.create('resourcemetricsmonitors', monitor('team-z', 'elsewhere', 'other', 'o.spec.depth'))
  const program = await startProgram(
    world,
    {
      ...{ custom_resources_only: false, resources: { namespaces: {} }, resource_metrics_monitors: true },
      resource_metrics_monitor_namespaces: ['team-a', 'team-b'],
    },
    { log },
  )
  expect(program.readiness().lines.join()).toContain('resourcemetricsmonitors: absent')
  world.api.setFaults(() => undefined)
  await until(() => live(world) === 'kube_customresource_depth=7')
  const [series = ''] = world.receiver.liveSet.live().keys()
  expect(
    series
      .replace(/.*[{]|[}]/g, '')
      .split(',')
      .sort(),
  ).toEqual(['group="sea.example"', 'kind="Buoy"', 'name="red"', 'namespace="bay"', 'version="v1"'])

  const script = { name: 'scripted', help: 'H', starlark: { script: 'x' } }
  objects.create('resourcemetricsmonitors', monitor('team-b', 'n', 'width', 'o.spec.width', [script]))
  await until(() => live(world) === 'kube_customresource_depth=7 kube_customresource_width=2')
  const refusal = /^ResourceMetricsMonitor team-b\/n:\d+:\d+: Buoy\/scripted: starlark: .*: this family is left out$/
  expect(messages.filter((message) => refusal.test(message))).toHaveLength(1)

  objects.update('resourcemetricsmonitors', { ...monitor('team-b', 'n', 'x', '1'), spec: { configuration: {} } })
  await until(() => messages.some((message) => message.includes('stay as they were before')))
  objects.update('resourcemetricsmonitors', monitor('team-a', 'm', 'depth', 'o.spec.depth * 2'))
  await until(() => live(world) === 'kube_customresource_depth=14 kube_customresource_width=2')
  const status = { conditions: [{ type: 'Processed' }] }
  const reloads = () => messages.filter((message) => message.includes('read from resourcemetricsmonitors')).length
  const before = reloads()
  objects.update('resourcemetricsmonitors', { ...monitor('team-a', 'm', 'depth', 'o.spec.depth * 2'), status })
  objects.delete('resourcemetricsmonitors', { namespace: 'team-b', name: 'n' })
  await until(() => live(world) === 'kube_customresource_depth=14')
  expect(reloads()).toBe(before + 1)
  expect([...world.receiver.liveSet.problems]).toEqual([])
})

test('the objects with rules are selected anew while the program runs; series of rules that stay have no gap', async () => {
  const ended: string[] = []
  const onArrival = ({ change, series }: Arrival) =>
    void (change === 'ended' && ended.push(series.replace(/[{].*/, '')))
  const world = await startSea([], { liveSet: { onArrival } })
  const { objects } = world.api
  for (const team of ['a', 'b']) {
    const text = rules(team, '[spec, depth]')
    objects.create('configmaps', configMap(`team-${team}`, 'buoys', { text }))
  }
  const select = (selection: string) => `resources: {namespaces: {}}\n${selection}`
  const only = 'custom_resources_only: true'
  const selector = 'custom_resource_state_config_map_selector: rules=yes'
  const { reload, records } = await startFromFile(world, select(only))
  objects.create('namespaces', { metadata: { name: 'bay' } })
  reload(select(`${only}\n${selector}`))
  await until(() => live(world) === 'a_depth=7 b_depth=7')
  let failures = 0
  world.api.setFaults((request) => {
    if (!requestsFor('configmaps')(request)) return undefined
    failures++
    return { response: { code: 500, body: { kind: 'Status', code: 500 } } }
  })
  reload(select(`${only}\n${selector}\ncustom_resource_state_config_map_namespaces: [team-a]`))
  await until(() => failures > 1)
  expect([live(world), ended]).toEqual(['a_depth=7 b_depth=7', []])
  world.api.setFaults(() => undefined)
  await until(() => live(world) === 'a_depth=7')
  expect(ended).toEqual(['b_depth'])
  reload(select(selector))
  await until(() => live(world).includes('kube_namespace_created='))
  await until(() => live(world).startsWith('a_depth=7 b_depth=7'))
  expect(ended).toEqual(['b_depth'])
  reload(select(''))
  await until(() => !live(world).includes('_depth'))
  expect(records.filter(({ message }) => message === 'some configuration changes need a restart')).toEqual([])
  expect([...world.receiver.liveSet.problems]).toEqual([])
})

test('after a minute readiness no longer waits for them', async () => {
  const server = await startScriptedApiServer()
  const clock = createManualClock()
  const access: ClusterAccess = {
    ...{ generation: 1, server: server.url, source: 'a test', renewIfChanged() {}, renew() {} },
    credentials: async () => ({ tls: {}, headers: {} }),
  }
  const client = createApiClient(createConnection({ access, clock }), 'test')
  const { messages, log } = recordedLog()
  const stopping = new AbortController()
  let changes = 0
  const reader = createRuleObjects<ConfigMapData>({
    context: {
      ...{
        client,
        clock,
        slices: createTimeSlices(),
        traits: { withoutWatchList: new Set(), streamedLists: 'unknown' as const },
      },
      ...{ lists: createPermits(1), outage: { wait: () => new Promise(() => {}) } },
      ...{ metrics: createSilentSelfMetrics(), gate: createLogGate(log, 60_000, clock.now), random: () => 0.5 },
    },
    reflector: { protobuf: false, watchList: true, pageLimit: 500, gzip: false, silentTimeoutMs: 180_000 },
    target: { plural: 'configmaps', apiVersion: 'v1', kind: 'ConfigMap', form: 'object', schema: ConfigMapData },
    scope: { labelSelector: 'rules=yes' },
    title: 'configmaps with rules',
    textsOf: () => [],
    onTexts: () => Promise.resolve(),
    onChange: () => void changes++,
  })
  const ended = reader.run(stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    client.close()
    await server.close()
    await ended
  })
  expect(reader.scope.isAwaited?.()).toBe(true)
  const alarm = await clock.alarm((ms) => ms === 60_000)
  alarm.ring()
  expect([reader.scope.isAwaited?.(), reader.scope.hasListed(), changes]).toEqual([false, false, 1])
  expect(messages).toEqual(['configmaps with rules are not listed after 60s; ready without their rules'])
})
