/**
 * Objects by somebody who may create objects in the cluster and wants to do harm (docs/threat-model.md): the program serves and
 * pushes everything else, and what it leaves out is counted.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { Program, World } from '../runtime/world.ts'
import { endWorld, readPage, startProgram, startWorld, until } from '../runtime/world.ts'
import {
  addresses,
  definition,
  expectValid,
  hostileKeys,
  injection,
  manyAnnotations,
  ownerReferences,
  ports,
  rules,
} from './hostile-objects.ts'

const definitionKind = {
  plural: 'customresourcedefinitions',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}
const toolKind = { plural: 'tools', apiVersion: 'shed.example/v1', kind: 'Tool', namespaced: true }
const settings = {
  resources: Object.fromEntries(['pods', 'leases', 'endpoints', 'cronjobs', 'ingresses'].map((name) => [name, {}])),
  labels_allow_list: { pods: ['*'] },
  annotations_allow_list: { pods: ['*'] },
  custom_resource_config: rules,
}
let world: World
beforeEach(async () => {
  world = await startWorld([...builtInKinds, definitionKind, toolKind])
  world.api.objects.create('customresourcedefinitions', definition)
  create('tools', 'honest', { spec: { weight: 7 } })
  create('leases', 'honest', { spec: { holderIdentity: 'me', renewTime: '2026-01-01T00:00:00.000000Z' } })
})
afterEach(endWorld)

const create = (plural: string, name: string, object: object, metadata: object = {}) =>
  world.api.objects.create(plural, {
    ...object,
    metadata: {
      name,
      namespace: 'n',
      uid: `uid-${plural}-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
  })

async function pageWith(program: Program, ...texts: string[]): Promise<string> {
  let page = ''
  await until(async () => {
    page = await readPage(program)
    return texts.every((text) => page.includes(text))
  })
  return page
}

const selfMetrics = async ({ addresses }: Program) =>
  (await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/metrics`)).text()

/** The page and the receiver have the honest objects, and the two agree on what else there is. */
async function expectServed(program: Program): Promise<string> {
  const page = await pageWith(program, 'tool_weight{', 'kube_lease_renew_time{lease="honest"')
  expectValid(page)
  await until(() =>
    [...world.receiver.liveSet.live().keys()].some((series) => series.startsWith('kube_lease_renew_time')),
  )
  expect([...world.receiver.liveSet.problems]).toEqual([])
  return page
}

test('names, keys and texts add no line and no label to the page', async () => {
  const traits = JSON.parse(`{${hostileKeys.map((key) => `${JSON.stringify(key)}: ${JSON.stringify(key)}`).join(',')}}`)
  create('tools', 'traits', {
    spec: { weight: 1, traits, note: injection, origin: { [injection]: [injection, null] } },
  })
  const annotations = JSON.parse(
    `{"constructor": "c", "__proto__": "p", ${JSON.stringify(injection)}: ${JSON.stringify(injection)}}`,
  )
  const container = { name: injection, image: injection }
  create(
    'pods',
    'pod',
    { spec: { containers: [container] }, status: { reason: injection, phase: injection } },
    { annotations, labels: { toString: 'l' } },
  )
  const rule = {
    host: injection,
    http: { paths: [{ path: injection, backend: { service: { name: injection, port: { number: 1 } } } }] },
  }
  create('ingresses', 'ingress', {
    spec: { ingressClassName: injection, rules: [rule], tls: [{ hosts: [injection], secretName: injection }] },
  })
  const program = await startProgram(world, settings)
  const page = await expectServed(program)
  expect(page).toContain('kube_ingress_tls{')
  expect(page).toContain('annotation_constructor="c"')
  expect(page).toContain('label_to_string="l"')
  expect(page.split('\n').filter((line) => line.startsWith('evil'))).toEqual([])
  expect([...world.receiver.liveSet.live().keys()].filter((series) => series.startsWith('evil'))).toEqual([])
  expect(Object.prototype).toEqual({})
})

test('an object whose lists multiply with its texts loses those families alone', { timeout: 120_000 }, async () => {
  const holder = 'h'.repeat(500_000)
  create(
    'leases',
    'bomb',
    { spec: { holderIdentity: holder, renewTime: '2026-01-01T00:00:00.000000Z' } },
    { ownerReferences },
  )
  create('endpoints', 'bomb', { subsets: [{ addresses, ports }] })
  const parts = Array.from({ length: 20_000 }, () => ({ weight: 1 }))
  create('tools', 'bomb', { spec: { weight: 3, note: 'n'.repeat(500_000), parts } })
  const program = await startProgram(world, settings)
  const page = await expectServed(program)
  expect(page).toContain('kube_lease_renew_time{lease="bomb"')
  expect(page).toContain('kube_endpoint_created{namespace="n",endpoint="bomb"}')
  expect(page).not.toContain('kube_lease_owner{lease="bomb"')
  expect(page).not.toContain('kube_endpoint_address{')
  expect(page.length).toBeLessThan(40_000_000)
  const errors = await selfMetrics(program)
  expect(errors).toMatch(/family_errors_total\{[^}]*kube_lease_owner[^}]*\} [1-9]/)
  expect(errors).toMatch(/family_errors_total\{[^}]*kube_endpoint_address[^}]*\} [1-9]/)
})

test('custom resources of great depth are left out, alone or in part', async () => {
  const deep = (text: string) => JSON.parse(`${'['.repeat(1_000)}${text}${']'.repeat(1_000)}`)
  create('tools', 'deep', { spec: { weight: 1, origin: deep('1') } })
  create('tools', 'digits', { spec: { weight: 12345678901234567000, origin: deep('1') } })
  const program = await startProgram(world, settings)
  const page = await expectServed(program)
  expect(page).toContain('name="honest"')
  expect(page).toMatch(/tool_weight\{[^}]*name="deep"[^}]*\} 1/)
  expect(page).not.toMatch(/tool_origin\{[^}]*name="deep"/)
  create('tools', 'later', { spec: { weight: 2, origin: 'here' } })
  await pageWith(program, 'name="later"')
})

test('texts that look like numbers, schedules and patterns without end delay nothing', {
  timeout: 60_000,
}, async () => {
  create('tools', 'number', { spec: { weight: `${'9'.repeat(1_000_000)}x`, origin: 'o'.repeat(1_000_000) } })
  create('tools', 'fraction', { spec: { weight: `0.${'9'.repeat(1_000_000)}` } })
  for (const [i, schedule] of [
    '* '.repeat(500_000),
    `@every ${'1'.repeat(1_000_000)}h`,
    `0${' '.repeat(1_000_000)}x`,
  ].entries())
    create('cronjobs', `cron-${i}`, { spec: { schedule } })
  const program = await startProgram(world, settings)
  await expectServed(program)
})

test('thousands of annotations become one series, in one request', async () => {
  create('pods', 'annotated', { spec: { containers: [{ name: 'c', image: 'i' }] } }, { annotations: manyAnnotations })
  const program = await startProgram(world, settings)
  const page = await expectServed(program)
  expect(page.match(/^kube_pod_annotations\{/gm)).toHaveLength(1)
  expect(page.match(/annotation_key_\d+_example_k="/g)).toHaveLength(8_000)
  const isReceived = () =>
    [...world.receiver.liveSet.live().keys()].some((series) => series.includes('annotation_key_7999'))
  await until(isReceived)
})
