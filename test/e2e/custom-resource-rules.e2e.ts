/**
 * Rules for custom resources that stand in the cluster itself, on a real API server: in ConfigMaps and ResourceMetricsMonitors
 * that come, change, break and go, with expressions among them. The page equals a fresh `render` of what the API server lists, and Collector and Prometheus
 * equal the page.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
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
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-rules-'))
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = 'fleet.example'
const flags = [
  ...['--custom-resource-state-only', '--custom-resource-state-config-map-selector=rules=fleet'],
  '--resource-metrics-monitors',
]

const definitionOf = (apiGroup: string, version: string, kind: string) => {
  const singular = kind.toLowerCase()
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${singular}s.${apiGroup}`,
      // The API server requires it of groups below k8s.io.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group: apiGroup,
      scope: 'Namespaced',
      names: { plural: `${singular}s`, kind, singular, listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  }
}
const definition = definitionOf(group, 'v1', 'Van')
const vanAt = (name = '') => `/apis/${group}/v1/namespaces/depot/vans${name && `/${name}`}`
const van = (name: string, seats: number) => ({
  apiVersion: `${group}/v1`,
  kind: 'Van',
  metadata: { name, labels: { team: `t${seats % 3}` } },
  spec: {
    seats,
    limit: '4Gi',
    trips: Array.from({ length: seats % 4 }, (_, i) => ({ to: `stop-${i}`, km: 10 * i + seats, isDone: i % 2 === 0 })),
  },
  status: { phase: seats % 2 === 0 ? 'Parked' : 'Driving', since: '2026-03-01T08:00:00Z' },
})

/** Rules with one gauge. */
const gaugeOf = (name: string, gauge: string) => `
spec:
  resources:
    - groupVersionKind: {group: ${group}, version: "*", kind: Van}
      metricNamePrefix: kube_van
      labelsFromPath: {name: [metadata, name]}
      metrics: [{name: ${name}, help: H, each: {type: Gauge, gauge: ${gauge}}}]
`
const expressions = `
spec:
  resources:
    - groupVersionKind: {group: ${group}, version: v1, kind: Van}
      metricNamePrefix: kube_van
      labelsFromPath: {name: [metadata, name]}
      metrics:
        - name: trip_km
          help: Kilometres of trips that are done.
          each:
            type: Gauge
            gauge:
              path: [spec, trips]
              where: element.isDone && element.km > 3
              valueExpression: element.km * 2
              labelExpressions: {to: 'element.to + "/" + string(key)', team: object.metadata.labels.team}
        - name: share
          help: Share of the limit.
          each: {type: Gauge, gauge: {valueExpression: 'double(object.spec.seats) / quantity(object.spec.limit)'}}
        - name: since
          help: Time of the last change.
          each: {type: Gauge, gauge: {valueExpression: timestamp(object.status.since), where: 'object.status.phase == "Driving"'}}
`

const configMapsAt = (namespace: string, name = '') => `/api/v1/namespaces/${namespace}/configmaps${name && `/${name}`}`
const configMap = (name: string, data: Record<string, string>, label = 'fleet') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { rules: label } },
  data,
})

const monitorGroup = 'resource-state-metrics.instrumentation.k8s-sigs.io'
const monitorDefinition = definitionOf(monitorGroup, 'v1alpha1', 'ResourceMetricsMonitor')
const monitorsAt = (name = '') =>
  `/apis/${monitorGroup}/v1alpha1/namespaces/team-x/resourcemetricsmonitors${name && `/${name}`}`
/** A monitor of vans. */
const monitor = (name: string, families: readonly object[]) => ({
  apiVersion: `${monitorGroup}/v1alpha1`,
  kind: 'ResourceMetricsMonitor',
  metadata: { name },
  spec: {
    configuration: {
      stores: [{ group, version: 'v1', kind: 'Van', resource: 'vans', resolver: 'unstructured', families }],
    },
  },
})

let stack: Stack

beforeAll(async () => {
  for (const name of ['depot', 'team-x', 'team-y']) await client.create('/api/v1/namespaces', { metadata: { name } })
  expect((await client.create(definitions, definition)).status).toBe(201)
  await waitFor('vans', async () => ((await client.get(`/apis/${group}/v1/vans`)).status === 200 ? true : undefined))
  for (let i = 1; i <= 30; i++) await client.create(vanAt(), van(`v${i}`, i))
  const seats = configMap('seats', { 'seats.yaml': gaugeOf('seats', '{path: [spec, seats]}') })
  await client.create(configMapsAt('team-x'), seats)
  await client.create(configMapsAt('team-x'), configMap('not-ours', { a: gaugeOf('other', '{path: [spec]}') }, 'other'))
  stack = await startStack({ facts, folder, flags: [...flags, '--push-interval=10s'] })
})

afterAll(async () => {
  await stack?.stop()
  for (const { metadata } of [definition, monitorDefinition]) await client.delete(`${definitions}/${metadata.name}`)
  for (const name of ['depot', 'team-x', 'team-y']) await client.delete(`/api/v1/namespaces/${name}`)
  client.close()
})

/** The page that `render` makes of what the API server lists now, and what it reports. */
async function renderLists(): Promise<{ readonly lines: readonly string[]; readonly problems: readonly string[] }> {
  const listed = async (path: string, apiVersion: string, kind: string) => {
    const { body } = await client.get(path)
    return JSON.stringify({ ...(body as object), apiVersion, kind: `${kind}List` })
  }
  const lists = [
    await listed(definitions, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    await listed(`/apis/${group}/v1/vans`, `${group}/v1`, 'Van'),
    await listed('/api/v1/configmaps', 'v1', 'ConfigMap'),
  ]
  const path = `/apis/${monitorGroup}/v1alpha1/resourcemetricsmonitors`
  if ((await client.get(path)).status === 200) {
    lists.push(await listed(path, `${monitorGroup}/v1alpha1`, 'ResourceMetricsMonitor'))
  }
  const manifests = lists.flatMap((list) => parseManifests(list, 'list'))
  const loaded = loadConfig({ argv: flags, env: {}, readFile: (path) => readFileSync(path, 'utf8') })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const problems: string[] = []
  const onProblem = (message: string) => void problems.push(message)
  const customResources = await loadCustomResources(loaded.config.customResources, onProblem, manifests)
  const { selection } = loaded.config
  const page = Buffer.concat([...render({ selection, customResources, manifests, onProblem })]).toString()
  return { lines: relevantLines(page).sort(), problems }
}

/** Waits until the page has exactly the metrics, equals the lists, and Collector and Prometheus equal it. */
async function expectAgreement(step: string, names: readonly string[], prefix = 'kube_van'): Promise<void> {
  let shown: string[] = []
  let rendered: readonly string[] = []
  await waitFor(`page and render (${step})`, async () => {
    shown = relevantLines(await stack.page()).sort()
    rendered = (await renderLists()).lines
    const found = new Set(shown.map((line) => line.replace(/[{ ].*/, '')).filter((name) => name.startsWith(prefix)))
    const isRight = JSON.stringify([...found].sort()) === JSON.stringify(names.map((name) => `${prefix}_${name}`))
    return isRight && JSON.stringify(shown) === JSON.stringify(rendered) ? true : undefined
  }).catch((error: unknown) => {
    expect(shown, `${error}`).toEqual(rendered)
    throw error
  })
  const { series } = await stack.expectEqual(step)
  console.log(`${step}: ${series} series`)
}

test('starts with the rules of the ConfigMaps that are there', () => expectAgreement('start', ['seats']))

test('takes up a ConfigMap with expressions, and evaluates them as objects change', async () => {
  await client.create(configMapsAt('team-y'), configMap('trips', { 'trips.yaml': expressions }))
  await expectAgreement('expressions', ['seats', 'share', 'since', 'trip_km'])
  expect(await stack.page()).toMatch(/^kube_van_trip_km\{.*name="v3",team="t0",to="stop-2\/2"\} 46$/m)
  for (let i = 1; i <= 30; i += 3)
    await client.patch(vanAt(`v${i}`), { spec: van('', i + 7).spec, status: { phase: 'Parked' } })
  for (let i = 2; i <= 30; i += 6) await client.delete(vanAt(`v${i}`))
  await expectAgreement('objects changed', ['seats', 'share', 'since', 'trip_km'])
})

test('follows a ConfigMap that changes, and keeps the rules of one that breaks', async () => {
  const change = (data: Record<string, string | null>) => client.patch(configMapsAt('team-x', 'seats'), { data })
  expect((await change({ 'seats.yaml': gaugeOf('places', '{path: [spec, seats]}') })).status).toBe(200)
  await expectAgreement('changed', ['places', 'share', 'since', 'trip_km'])

  await change({ 'seats.yaml': gaugeOf('places', '{path: [spec, "[x]"]}') })
  await waitFor('the refusal in the log', async () =>
    stack.product.log().includes('stay as they were before') ? true : undefined,
  )
  await client.create(configMapsAt('team-y'), configMap('limit', { l: gaugeOf('limit', '{path: [spec, limit]}') }))
  await waitFor('the rules beside the broken ones', async () =>
    (await stack.page()).includes('kube_van_limit{') ? true : undefined,
  )
  expect(await stack.page()).toContain('kube_van_places{')
  expect(stack.product.log().match(/team-x\/seats\/seats\.yaml:\d+:\d+/g)).toHaveLength(1)
  expect((await renderLists()).problems.join()).toContain('team-x/seats/seats.yaml:')
  await change({ 'seats.yaml': null, 'more.yaml': gaugeOf('room', '{path: [spec, seats], nilIsZero: true}') })
  await expectAgreement('repaired', ['limit', 'room', 'share', 'since', 'trip_km'])
})

test('ends the series of rules whose ConfigMaps go', async () => {
  await client.delete(configMapsAt('team-y', 'trips'))
  await client.patch(configMapsAt('team-x', 'seats'), { metadata: { labels: { rules: 'parked' } } })
  await expectAgreement('two went', ['limit'])
  await client.delete(configMapsAt('team-y', 'limit'))
  await expectAgreement('all went', [])
  expect(await stack.refusedSamples()).toBe(0)
})

test('takes up monitors when their kind appears, and follows them', async () => {
  const agree = (step: string, ...names: string[]) => expectAgreement(step, names, 'kube_customresource')
  expect((await client.create(definitions, monitorDefinition)).status).toBe(201)
  const seats = [
    { value: 'spec.seats', labels: [{ name: 'teamName', value: 'metadata.labels.team' }] },
    {
      value: 'o.spec.trips.map(t, t.km)',
      resolver: 'cel',
      labels: [{ name: 'to', value: 'o.spec.trips.map(t, t.to)' }],
    },
  ]
  const families = [{ name: 'van_seats', help: 'Seats.', metrics: seats }]
  await waitFor('the kind', async () =>
    (await client.create(monitorsAt(), monitor('fleet', families))).status === 201 ? true : undefined,
  )
  await agree('a monitor appeared', 'van_seats')
  const page = await stack.page()
  expect(page).toMatch(
    /^kube_customresource_van_seats\{group="fleet.example",kind="Van",name="v3",namespace="depot",team_name="t0",version="v1"\} 3$/m,
  )
  expect(page).toMatch(/^kube_customresource_van_seats\{.*name="v3",namespace="depot",to="stop-2",version="v1"\} 23$/m)

  const more = [
    { name: 'van_limit', help: 'Limit.', resolver: 'cel', metrics: [{ value: 'quantity(o.spec.limit)' }] },
    { name: 'van_script', help: 'Script.', starlark: { script: 'x' } },
    { name: 'van_since', help: 'Since.', resolver: 'cel', metrics: [{ value: 'unixSeconds(o.status.since)' }] },
  ]
  await client.create(monitorsAt(), monitor('more', more))
  for (let i = 3; i <= 30; i += 6) await client.patch(vanAt(`v${i}`), { spec: { seats: i + 100 } })
  await agree('another one, with a family that is left out', 'van_limit', 'van_seats', 'van_since')
  expect(stack.product.log().match(/team-x\/more:\d+:\d+: Van\/van_script: starlark/g)).toHaveLength(1)
  expect((await renderLists()).problems).toEqual([expect.stringContaining('Van/van_script: starlark')])

  const renamed = [{ ...families[0], name: 'van_places' }]
  expect((await client.patch(monitorsAt('fleet'), { spec: monitor('fleet', renamed).spec })).status).toBe(200)
  await client.patch(monitorsAt('more'), { status: { conditions: [{ type: 'Processed', status: 'True' }] } })
  await agree('changed', 'van_limit', 'van_places', 'van_since')
})

test('reads with the rights that rbac prints, once they are granted', async () => {
  await client.create(configMapsAt('team-y'), configMap('trips', { 'trips.yaml': expressions }))
  const token = await useRealCluster(facts).addUser('rules')
  const kubeconfig = join(folder, 'rules-kubeconfig')
  writeFileSync(kubeconfig, writeKubeconfig({ url: facts.apiUrl, authority: facts.ca, token }))
  const [port, telemetryPort] = await Promise.all([freePort(), freePort()])
  const program = [process.execPath, 'bin/kube-state-otlp.js']
  const product = startPeer(
    'rules',
    [
      ...[...program, `--kubeconfig=${kubeconfig}`, ...flags, '--host=127.0.0.1', '--telemetry-host=127.0.0.1'],
      ...[`--port=${port}`, `--telemetry-port=${telemetryPort}`],
    ],
    folder,
  )
  try {
    await waitFor('the missing rights in words', async () => {
      const ready = await fetch(`http://127.0.0.1:${telemetryPort}/readyz`).catch(() => undefined)
      const text = (await ready?.text()) ?? ''
      return text.includes('configmaps with rules: forbidden') && text.includes('resourcemetricsmonitors: forbidden')
        ? true
        : undefined
    })
    await waitFor('the missing rights in the log', async () =>
      product.log().includes('grant the rules that kube-state-otlp rbac prints') ? true : undefined,
    )
    await grant([...program, 'rbac', ...flags])
    await waitFor('the page of a program with all rights', async () => {
      const own = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const [found, expected] = [own, await stack.page()].map((page) => relevantLines(page).sort().join('\n'))
      return found === expected &&
        found?.includes('kube_van_trip_km') &&
        found.includes('kube_customresource_van_limit')
        ? true
        : undefined
    })
  } finally {
    await product.stop()
  }
})

/** Grants the user `rules` what the command prints for the objects that the API server lists now. */
async function grant([program = '', ...words]: readonly string[]): Promise<void> {
  const lists = [definitions, '/api/v1/configmaps', `/apis/${monitorGroup}/v1alpha1/resourcemetricsmonitors`]
  const kinds = ['CustomResourceDefinition', 'ConfigMap', 'ResourceMetricsMonitor']
  const apis = ['apiextensions.k8s.io/v1', 'v1', `${monitorGroup}/v1alpha1`]
  const files: string[] = []
  for (const [i, path] of lists.entries()) {
    const file = join(folder, `${kinds[i]}.json`)
    writeFileSync(
      file,
      JSON.stringify({ ...((await client.get(path)).body as object), apiVersion: apis[i], kind: `${kinds[i]}List` }),
    )
    files.push('-f', file)
  }
  const printed = execFileSync(program, [...words, '--name=rules', ...files], { encoding: 'utf8' })
  for (const document of parseAllDocuments(printed)) {
    const object = document.toJS() as { readonly kind: string; readonly rules?: readonly object[] }
    const subjects = [{ kind: 'User', name: 'rules', apiGroup: 'rbac.authorization.k8s.io' }]
    const path = `/apis/rbac.authorization.k8s.io/v1/${object.kind.toLowerCase()}s`
    const created = await client.create(path, object.rules === undefined ? { ...object, subjects } : object)
    expect([object.kind, created.status]).toEqual([object.kind, 201])
  }
}

test('ends the series of monitors that go, and of their kind', async () => {
  await client.delete(configMapsAt('team-y', 'trips'))
  await client.delete(monitorsAt('more'))
  await expectAgreement('one went', ['van_places'], 'kube_customresource')
  await client.delete(`${definitions}/${monitorDefinition.metadata.name}`)
  await expectAgreement('their kind went', [], 'kube_customresource')
  expect(await stack.refusedSamples()).toBe(0)
})
