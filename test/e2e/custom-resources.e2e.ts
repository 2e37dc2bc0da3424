/**
 * Custom resources on a real API server: definitions and objects come, change and go, and after each step `/metrics`, the
 * Collector and Prometheus have what `render` makes of a fresh LIST.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { writeKubeconfig } from '../../simulator/api/kubeconfig.ts'
import { loadConfig } from '../../src/config/load.ts'
import { loadCustomResources } from '../../src/inspect/custom-resources.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { render } from '../../src/inspect/render.ts'
import { relevantLines } from '../conformance/cases.ts'
import { createKubeClient } from './kube-client.ts'
import { freePort, startPeer, waitFor } from './peers.ts'
import { useRealCluster } from './real-cluster.ts'
import type { Stack } from './stack.ts'
import { startStack } from './stack.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-custom-'))
const rulesFile = join(folder, 'rules.yaml')
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const flags = ['--custom-resource-state-only', `--custom-resource-state-config-file=${rulesFile}`]
const group = 'harbour.example'

const rules = `
spec:
  resources:
    - groupVersionKind: {group: ${group}, version: "*", kind: "*"}
      labelsFromPath: {name: [metadata, name], namespace: [metadata, namespace], "*": [metadata, labels]}
      metrics:
        - {name: load, help: Load, each: {type: Gauge, gauge: {path: [spec, load], nilIsZero: true}}}
        - {name: created, help: Creation, each: {type: Gauge, gauge: {path: [metadata, creationTimestamp]}}}
        - {name: phase, help: Phase, each: {type: StateSet, stateSet: {labelName: phase, path: [status, phase], list: [Idle, Busy]}}}
        - {name: part_info, help: Parts, each: {type: Info, info: {path: [spec, parts], labelsFromPath: {part: [name], maker: [maker]}}}}
    - groupVersionKind: {group: ${group}, version: "*", kind: Crane}
      labelSelector: "team in (t1),!experimental"
      metricNamePrefix: kube_selected
      labelsFromPath: {name: [metadata, name], namespace: [metadata, namespace]}
      metrics: [{name: load, help: Load, each: {type: Gauge, gauge: {path: [spec, load]}}}]
    - groupVersionKind: {group: "", version: v1, kind: Namespace}
      labelsFromPath: {namespace: [metadata, name]}
      metrics:
        - {name: namespace_phase, help: Phase, each: {type: StateSet, stateSet: {labelName: phase, path: [status, phase], list: [Active, Terminating]}}}
`

const definition = (plural: string, kind: string, versions: readonly string[], scope = 'Namespaced') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope,
    names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: versions.map((name, i) => ({
      name,
      served: true,
      storage: i === 0,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
})

const craneAt = (namespace: string, name = '') =>
  `/apis/${group}/v1/namespaces/${namespace}/cranes${name && `/${name}`}`
const crane = (name: string, load: number) => ({
  apiVersion: `${group}/v1`,
  kind: 'Crane',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': `p${load % 3}`, team: `t${load % 2}` } },
  spec: { load, parts: [{ name: 'hook', maker: `m${load % 5}` }, { name: `jib-${name}` }] },
  status: { phase: load % 2 === 0 ? 'Idle' : 'Busy' },
})

let stack: Stack

beforeAll(async () => {
  writeFileSync(rulesFile, rules)
  for (const name of ['east', 'west']) await client.create('/api/v1/namespaces', { metadata: { name } })
  await define(definition('cranes', 'Crane', ['v1']))
  for (let i = 0; i < 40; i++) await client.create(craneAt(i % 2 ? 'east' : 'west'), crane(`c${i}`, i))
  stack = await startStack({ facts, folder, flags: [...flags, '--push-interval=10s'] })
})

afterAll(async () => {
  await stack?.stop()
  for (const plural of ['cranes', 'boats', 'buoys']) await client.delete(`${definitions}/${plural}.${group}`)
  client.close()
})

/** Creates a definition and waits until its first version is served. */
async function define(object: ReturnType<typeof definition>): Promise<void> {
  const created = await client.create(definitions, object)
  expect(created.status).toBe(201)
  await waitUntilServed(object.spec.names.plural, object.spec.versions[0]?.name ?? '', 200)
}

async function waitUntilServed(plural: string, version: string, status: number): Promise<void> {
  const path = `/apis/${group}/${version}/${plural}`
  await waitFor(path, async () => ((await client.get(path)).status === status ? true : undefined))
}

/** The page that `render` makes of what the API server lists now. */
async function renderLists(): Promise<string[]> {
  const found = (await client.get(definitions)).body as { items: ReturnType<typeof definition>[] }
  const ours = found.items.filter(({ spec }) => spec.group === group)
  const paths = ours.map(
    ({ spec }) => `/apis/${group}/${spec.versions.find(({ storage }) => storage)?.name}/${spec.names.plural}`,
  )
  const lists = [
    JSON.stringify({ ...found, apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinitionList' }),
  ]
  for (const path of [...paths, '/api/v1/namespaces']) lists.push(JSON.stringify((await client.get(path)).body))
  const manifests = lists.flatMap((list) => parseManifests(list, 'list'))
  const loaded = loadConfig({ argv: flags, env: {}, readFile: (path) => readFileSync(path, 'utf8') })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const onProblem = (message: string) => expect.fail(message)
  const customResources = await loadCustomResources(loaded.config.customResources, onProblem)
  const { selection } = loaded.config
  const page = Buffer.concat([...render({ selection, customResources, manifests, onProblem })]).toString()
  return relevantLines(page).sort()
}

/** Waits until page and lists agree, then until Collector and Prometheus do. Returns the number of series. */
async function expectAgreement(step: string): Promise<number> {
  let shown: string[] = []
  let rendered: string[] = []
  await waitFor(`page and render (${step})`, async () => {
    ;[shown, rendered] = await Promise.all([stack.page().then((page) => relevantLines(page).sort()), renderLists()])
    return JSON.stringify(shown) === JSON.stringify(rendered) ? true : undefined
  }).catch((error: unknown) => {
    expect(shown, `${error}`).toEqual(rendered)
  })
  const { series } = await stack.expectEqual(step)
  console.log(`${step}: ${series} series`)
  return series
}

test('starts with the kinds that are there, built-in ones too', async () => {
  expect(await expectAgreement('start')).toBeGreaterThan(200)
  const page = await stack.page()
  expect(page).toContain('kube_customresource_namespace_phase{')
  expect(page.match(/^kube_selected_load\{/gm)).toHaveLength(20)
})

test('follows objects and definitions under churn', async () => {
  let random = 1
  const next = (below: number) => {
    random = (random * 48271) % 2147483647
    return random % below
  }
  const churn = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) {
      const [namespace, name, load] = [next(2) ? 'east' : 'west', `c${next(60)}`, next(1000)]
      if (next(3) === 0) await client.delete(craneAt(namespace, name))
      else if ((await client.create(craneAt(namespace), crane(name, load))).status === 409) {
        await client.patch(craneAt(namespace, name), { spec: { load }, status: { phase: load % 2 ? 'Busy' : 'Gone' } })
      }
    }
  }
  await churn(150)
  await expectAgreement('objects changed')

  await Promise.all([
    churn(100),
    define(definition('boats', 'Boat', ['v1'])),
    define(definition('buoys', 'Buoy', ['v1'], 'Cluster')),
  ])
  await client.create(`/apis/${group}/v1/namespaces/east/boats`, { ...crane('b1', 7), kind: 'Boat' })
  await client.create(`/apis/${group}/v1/buoys`, { ...crane('red', 8), kind: 'Buoy' })
  await expectAgreement('two kinds appeared')

  await Promise.all([churn(100), client.delete(`${definitions}/boats.${group}`)])
  await waitUntilServed('boats', 'v1', 404)
  await expectAgreement('a kind went')
  expect(await stack.page()).not.toContain('customresource_kind="Boat"')

  await define(definition('boats', 'Boat', ['v1']))
  await client.create(`/apis/${group}/v1/namespaces/west/boats`, { ...crane('b2', 9), kind: 'Boat' })
  await expectAgreement('it came back with another object')
})

test('takes up a new served version', async () => {
  const path = `${definitions}/cranes.${group}`
  const both = definition('cranes', 'Crane', ['v1', 'v2']).spec
  expect((await client.patch(path, { spec: both })).status).toBe(200)
  await waitUntilServed('cranes', 'v2', 200)
  const withBoth = await expectAgreement('two versions')
  expect(await stack.page()).toContain('customresource_version="v2"')

  const versions = both.versions.map((version) => ({ ...version, served: version.name === 'v2' }))
  expect((await client.patch(path, { spec: { versions } })).status).toBe(200)
  await waitUntilServed('cranes', 'v1', 404)
  await waitFor('the old version to leave', async () =>
    (await stack.page()).includes('kind="Crane",customresource_version="v1"') ? undefined : true,
  )
  const alone = await stack.expectEqual('the old version is no longer served')
  expect(alone.series).toBeLessThan(withBoth)
})

test('survives a restart of the API server', async () => {
  const cluster = useRealCluster(facts)
  await cluster.killApiServer()
  await cluster.startApiServer()
  const fresh = createKubeClient(facts)
  const boat = { ...crane('b3', 4), kind: 'Boat' }
  await waitFor('the restarted API server', async () => {
    const { status } = await fresh.create(`/apis/${group}/v1/namespaces/east/boats`, boat).catch(() => ({ status: 0 }))
    return status === 201 ? true : undefined
  })
  fresh.close()
  await waitFor('a change after the restart', async () =>
    (await stack.page()).includes('name="b3"') ? true : undefined,
  )
  await stack.expectEqual('after a restart of the API server')
  expect(await stack.refusedSamples()).toBe(0)
})

test('reads kinds whose rights are granted late', async () => {
  const token = await useRealCluster(facts).addUser('late')
  const kubeconfig = join(folder, 'late-kubeconfig')
  writeFileSync(kubeconfig, writeKubeconfig({ url: facts.apiUrl, authority: facts.ca, token }))
  const [port, telemetryPort] = await Promise.all([freePort(), freePort()])
  const command = [
    ...[process.execPath, 'bin/kube-state-otlp.js', `--kubeconfig=${kubeconfig}`, ...flags],
    ...['--host=127.0.0.1', '--telemetry-host=127.0.0.1', `--port=${port}`, `--telemetry-port=${telemetryPort}`],
  ]
  const product = startPeer('late', command, folder)
  try {
    const ready = async () => (await fetch(`http://127.0.0.1:${telemetryPort}/readyz`)).text()
    await waitFor('the missing rights in words', async () => {
      const text = await ready().catch(() => '')
      return /cranes\S*: forbidden/.test(text) && text.includes('customresourcedefinitions: forbidden')
        ? true
        : undefined
    })
    const admin = createKubeClient(facts)
    const roles = '/apis/rbac.authorization.k8s.io/v1'
    const rights = [
      { apiGroups: [group], resources: ['*'], verbs: ['list', 'watch'] },
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] },
    ]
    await admin.create(`${roles}/clusterroles`, { metadata: { name: 'late' }, rules: rights })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'late' }
    const subjects = [{ kind: 'User', name: 'late', apiGroup: 'rbac.authorization.k8s.io' }]
    await admin.create(`${roles}/clusterrolebindings`, { metadata: { name: 'late' }, roleRef, subjects })
    admin.close()
    await waitFor('the same page as that of a program with all rights', async () => {
      const own = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const pages = [own, await stack.page()].map((page) => relevantLines(page).sort().join('\n'))
      return pages[0] === pages[1] ? true : undefined
    })
  } finally {
    await product.stop()
  }
})
