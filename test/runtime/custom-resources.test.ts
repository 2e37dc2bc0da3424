/** Rules for custom resources in the running program: kinds that appear, change and go, on the page and on the wire. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Fault } from '../../simulator/api/api-faults.ts'
import { requestsFor, withoutRight } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Reloadable } from '../../src/runtime/reloading.ts'
import { startBuiltIn } from '../../src/runtime/start-built-in.ts'
import type { World } from './world.ts'
import { endWorld, readPage, startProgram, startWorld, until } from './world.ts'

const definitionKind = {
  plural: 'customresourcedefinitions',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}
const craneKinds = ['v1', 'v2'].map((version) => ({
  plural: version === 'v1' ? 'cranes' : 'cranes2',
  apiVersion: `harbour.example/${version}`,
  kind: 'Crane',
  namespaced: true,
}))
const kinds = [...builtInKinds, definitionKind, ...craneKinds]

/** The simulated API server keeps each version under a plural name of its own. */
const definitionOf = (version: 'v1' | 'v2') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'cranes.harbour.example', uid: 'definition' },
  spec: {
    group: 'harbour.example',
    scope: 'Namespaced',
    names: { kind: 'Crane', plural: version === 'v1' ? 'cranes' : 'cranes2' },
    versions: [{ name: version, served: true, storage: true }],
  },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
})
const crane = (name: string, tonnes: number, phase = 'Idle') => ({
  metadata: { name, namespace: 'quay', uid: `uid-${name}` },
  spec: { tonnes },
  status: { phase },
})
const rules = `
spec:
  resources:
    - groupVersionKind: {group: harbour.example, version: "*", kind: Crane}
      metricNamePrefix: crane
      labelsFromPath: {name: [metadata, name]}
      metrics:
        - {name: tonnes, help: Load, each: {type: Gauge, gauge: {path: [spec, tonnes]}}}
        - {name: phase, help: Phase, each: {type: StateSet, stateSet: {labelName: phase, path: [status, phase], list: [Idle, Busy]}}}
`
const settings = { resources: { namespaces: {} }, custom_resource_config: rules }
const labels = 'customresource_group="harbour.example",customresource_kind="Crane",customresource_version='
const tonnes = (name: string, version = 'v1') => `crane_tonnes{${labels}"${version}",name="${name}"}`

afterEach(endWorld)

function live({ receiver }: World): ReadonlyMap<string, number> {
  return receiver.liveSet.live()
}

test('a new kind is read, a deleted one leaves no series', async () => {
  const world = await startWorld(kinds)
  world.api.objects.create('cranes', crane('c1', 5))
  const program = await startProgram(world, settings)
  expect(await readPage(program)).not.toContain('crane_')

  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  await until(() => live(world).get(tonnes('c1')) === 5)
  const page = await readPage(program)
  expect(page).toContain(`${tonnes('c1')} 5\n`)
  expect(page).toContain('# TYPE crane_phase gauge\n')
  expect(page).toContain(`crane_phase{${labels}"v1",name="c1",phase="Idle"} 1\n`)

  world.api.objects.update('cranes', crane('c1', 5, 'Busy'))
  await until(() => live(world).get(`crane_phase{${labels}"v1",name="c1",phase="Busy"}`) === 1)

  world.api.objects.delete('customresourcedefinitions', { name: 'cranes.harbour.example' })
  await until(() => ![...live(world).keys()].some((series) => series.startsWith('crane_')))
  expect(await readPage(program)).not.toContain('crane_')

  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  await until(() => live(world).get(tonnes('c1')) === 5)
  const response = await fetch(`http://127.0.0.1:${program.addresses?.telemetryAddress.port}/metrics`)
  const ownMetrics = await response.text()
  expect(ownMetrics).toMatch(/^kube_state_metrics_custom_resource_state_add_events_total 2$/m)
  expect(ownMetrics).toMatch(/^kube_state_metrics_custom_resource_state_delete_events_total 1$/m)
  expect(ownMetrics).toMatch(/^kube_state_metrics_custom_resource_state_cache 1$/m)
})

test('a new served version replaces the old one', async () => {
  const world = await startWorld(kinds)
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  world.api.objects.create('cranes', crane('c1', 5))
  world.api.objects.create('cranes2', crane('c1', 6))
  await startProgram(world, settings)
  await until(() => live(world).get(tonnes('c1')) === 5)
  world.api.objects.update('customresourcedefinitions', definitionOf('v2'))
  await until(() => live(world).get(tonnes('c1', 'v2')) === 6 && !live(world).has(tonnes('c1')))
})

test('kinds without a definition are found by the documents of their group', async () => {
  const world = await startWorld(kinds)
  const documents: Readonly<Record<string, unknown>> = {
    '/apis/harbour.example': { kind: 'APIGroup', versions: [{ groupVersion: 'harbour.example/v1', version: 'v1' }] },
    '/apis/harbour.example/v1': {
      kind: 'APIResourceList',
      resources: [
        { name: 'cranes', kind: 'Crane', namespaced: true, verbs: ['get', 'list', 'watch'] },
        { name: 'cranes/status', kind: 'Crane', namespaced: true, verbs: ['get', 'list', 'watch'] },
      ],
    },
  }
  world.api.setFaults(({ path }): Fault | undefined => {
    const body = documents[path]
    return body === undefined ? undefined : { response: { code: 200, body } }
  })
  world.api.objects.create('cranes', crane('c1', 5))
  await startProgram(world, settings)
  await until(() => live(world).get(tonnes('c1')) === 5)
})

test('object_limit does not cut the list of definitions short', async () => {
  const world = await startWorld(kinds)
  const other = definitionOf('v1')
  const names = { kind: 'Anchor', plural: 'anchors' }
  const metadata = { name: 'anchors.harbour.example', uid: 'other' }
  world.api.objects.create('customresourcedefinitions', { ...other, metadata, spec: { ...other.spec, names } })
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  world.api.objects.create('cranes', crane('c1', 5))
  await startProgram(world, { ...settings, object_limit: 1, kubernetes: { watch_list: false } })
  await until(() => live(world).get(tonnes('c1')) === 5)
})

test('a group that does not answer delays no other', async () => {
  const world = await startWorld(kinds)
  world.api.setFaults(({ path }) => (path.startsWith('/apis/slow.example') ? { response: 'silence' } : undefined))
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  world.api.objects.create('cranes', crane('c1', 5))
  const slow = `
    - groupVersionKind: {group: slow.example, version: v1, kind: Snail}
      metrics: [{name: age, help: Age, each: {type: Gauge, gauge: {path: [spec, age]}}}]
`
  await startProgram(world, { ...settings, custom_resource_config: rules + slow })
  await until(() => live(world).get(tonnes('c1')) === 5)
})

test('without the right to definitions the program is ready, and reads what the documents list', async () => {
  const world = await startWorld(kinds)
  world.api.setFaults(withoutRight(requestsFor('customresourcedefinitions')))
  world.api.objects.create('namespaces', { metadata: { name: 'quay' } })
  const program = await startProgram(world, settings)
  const { lines } = program.readiness()
  expect(lines.some((line) => line.startsWith('customresourcedefinitions') && line.includes('forbidden'))).toBe(true)
  await until(async () => (await readPage(program)).includes('kube_namespace_created'))
})

test('rules with an error are rejected and built-in metrics continue; with custom_resources_only nothing else is read', async () => {
  const world = await startWorld(kinds)
  world.api.objects.create('namespaces', { metadata: { name: 'quay' } })
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  world.api.objects.create('cranes', crane('c1', 5))
  const broken = await startProgram(world, {
    ...settings,
    custom_resource_config: rules.replace('[spec, tonnes]', '[spec, "[n]"]'),
  })
  await until(async () => (await readPage(broken)).includes('kube_namespace_created'))
  expect(await readPage(broken)).not.toContain('crane_')

  const alone = await startProgram(world, { custom_resources_only: true, custom_resource_config: rules })
  await until(async () => (await readPage(alone)).includes(tonnes('c1')))
  expect(await readPage(alone)).not.toContain('kube_namespace')
})

test('files of rules come, change and go while the program runs', async () => {
  const world = await startWorld(kinds)
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  world.api.objects.create('cranes', crane('c1', 5))
  const folder = join(world.kubeconfig, '../rules')
  mkdirSync(folder)
  const writeRules = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const more = (path: string) => `
spec:
  resources:
    - groupVersionKind: {group: harbour.example, version: v1, kind: Crane}
      metricNamePrefix: more
      metrics: [{name: tonnes, help: Load, each: {type: Gauge, gauge: {path: ${path}}}}]
`
  writeRules('a.yaml', rules)
  const load: Reloadable['load'] = (readFile) =>
    loadConfig({
      argv: [
        ...[`--kubeconfig=${world.kubeconfig}`, '--host=127.0.0.1', '--port=0', '--telemetry-host=127.0.0.1'],
        ...['--telemetry-port=0', `--otlp-endpoint=http://${world.receiver.grpcAddress}`, '--otlp-instance-id=test'],
        ...['--push-flush-interval=50ms', '--telemetry-otlp=false', '--custom-resource-state-only'],
        `--custom-resource-state-config-file=${folder}`,
      ],
      env: {},
      readFile,
    })
  const loaded = load((path) => readFileSync(path, 'utf8'))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const program = await startBuiltIn(loaded, 'test', { destination: { write() {} }, load })
  try {
    const names = () => new Set([...live(world).keys()].map((series) => series.replace(/[{].*/, '')))
    await until(() => names().has('crane_tonnes'))

    writeRules('b.yaml', more('[spec, tonnes]'))
    program.reload()
    await until(() => names().has('more_tonnes') && names().has('crane_tonnes'))

    writeRules('b.yaml', more('[spec, "[n]"]'))
    program.reload()
    world.api.objects.update('cranes', crane('c1', 6))
    await until(() => live(world).get(tonnes('c1')) === 6)
    expect(live(world).get(`more_tonnes{${labels}"v1"}`)).toBe(6)

    const gauge = `where: 'object.metadata.name.startsWith("c")', valueExpression: object.spec.tonnes * 2`
    writeRules('c.yaml', more('[]').replace('path: []', gauge).replace('Prefix: more', 'Prefix: twice'))
    program.reload()
    await until(() => live(world).get(`twice_tonnes{${labels}"v1"}`) === 12)

    rmSync(join(folder, 'b.yaml'))
    program.reload()
    await until(() => !names().has('more_tonnes'))
    expect(names().has('crane_tonnes')).toBe(true)
    expect([...world.receiver.liveSet.problems]).toEqual([])
  } finally {
    await program.stop()
  }
})

test('entries with selectors of their own are read by themselves', async () => {
  const world = await startWorld(kinds)
  world.api.objects.create('customresourcedefinitions', definitionOf('v1'))
  for (const name of ['c1', 'c2', 'c3']) world.api.objects.create('cranes', crane(name, 5))
  const entry = (selector: string, prefix: string) => `
    - groupVersionKind: {group: harbour.example, version: v1, kind: Crane}
      fieldSelector: ${selector}
      metricNamePrefix: ${prefix}
      labelsFromPath: {name: [metadata, name]}
      metrics: [{name: tonnes, help: Load, each: {type: Gauge, gauge: {path: [spec, tonnes]}}}]`
  const text = `spec:\n  resources:${entry('metadata.name=c1', 'one')}${entry('metadata.name!=c1', 'others')}`
  await startProgram(world, { ...settings, custom_resource_config: text })
  const series = () => [...live(world).keys()].filter((name) => name.includes('_tonnes{')).sort()
  await until(() => series().length === 3)
  expect(series().map((name) => name.replace(/[{].*name=/, ' '))).toEqual([
    'one_tonnes "c1"}',
    'others_tonnes "c2"}',
    'others_tonnes "c3"}',
  ])
})
