/**
 * Rules for custom resources that stand in the cluster itself, on a real API server: in ConfigMaps that come, change, break and
 * go, with expressions among them. The page equals a fresh `render` of what the API server lists, and Collector and Prometheus
 * equal the page.
 */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { loadCustomResources } from '../../src/inspect/custom-resources.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { render } from '../../src/inspect/render.ts'
import { relevantLines } from '../conformance/cases.ts'
import { createKubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'
import type { Stack } from './stack.ts'
import { startStack } from './stack.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-rules-'))
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = 'fleet.example'
const flags = ['--custom-resource-state-only', '--custom-resource-state-config-map-selector=rules=fleet']

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `vans.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'vans', kind: 'Van', singular: 'van', listKind: 'VanList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}
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
  await client.delete(`${definitions}/vans.${group}`)
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
async function expectAgreement(step: string, names: readonly string[]): Promise<void> {
  let shown: string[] = []
  let rendered: readonly string[] = []
  await waitFor(`page and render (${step})`, async () => {
    shown = relevantLines(await stack.page()).sort()
    rendered = (await renderLists()).lines
    const found = new Set(shown.map((line) => line.replace(/[{ ].*/, '')).filter((name) => name.startsWith('kube_van')))
    const isRight = JSON.stringify([...found].sort()) === JSON.stringify(names.map((name) => `kube_van_${name}`))
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
