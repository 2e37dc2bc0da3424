/**
 * The objects of test/security/hostile-objects.test.ts, as far as a real API server admits them: everything else is served and
 * pushed, and what is left out is counted. docs/threat-model.md says what is refused by whom.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
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
} from '../security/hostile-objects.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import type { KubeClient } from './kube-client.ts'
import { createKubeClient } from './kube-client.ts'
import { expectReceived } from './page-checks.ts'
import { waitFor } from './peers.ts'
import { startReplica } from './replicas.ts'

const folder = mkdtempSync(join(tmpdir(), 'hostile-objects-'))
const rulesFile = join(folder, 'rules.yaml')
const flags = [
  '--resources=pods,leases,endpoints,cronjobs,ingresses',
  '--metric-labels-allowlist=pods=[*]',
  '--metric-annotations-allowlist=pods=[*]',
  `--custom-resource-state-config-file=${rulesFile}`,
  '--leader-election-namespace=default',
]
const folders = {
  pods: '/api/v1/namespaces/default/pods',
  endpoints: '/api/v1/namespaces/default/endpoints',
  leases: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
  ingresses: '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  cronjobs: '/apis/batch/v1/namespaces/default/cronjobs',
  tools: '/apis/shed.example/v1/namespaces/default/tools',
}
const container = { name: 'c', image: 'i' }
const renewTime = '2026-01-01T00:00:00.000000Z'
let server: ApiServer
let client: KubeClient
let receiver: OtlpReceiver
/** Names of the objects that the API server admitted, and those that it refused. */
const admitted: string[] = []
const refused: string[] = []

beforeAll(async () => {
  writeFileSync(rulesFile, `kind: CustomResourceStateMetrics${rules}`)
  server = await startApiServer({ flags: ['--disable-admission-plugins=ServiceAccount'] })
  client = createKubeClient(server.access)
  receiver = await createOtlpReceiver({})
  await define()
  await waitFor('the custom resource', async () =>
    (await client.get(folders.tools)).status === 200 ? true : undefined,
  )
  for (const [plural, name, object, metadata] of objects()) {
    const { status, body } = await client.create(folders[plural], { ...object, metadata: { ...metadata, name } })
    if (status < 300) admitted.push(name)
    else refused.push(`${name}: ${(body as { message?: string }).message?.slice(0, 150)}`)
  }
})
afterAll(async () => {
  client?.close()
  await receiver?.close()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function define(): Promise<void> {
  const { metadata, spec } = definition
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const versions = spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema: anything } }))
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: metadata.name },
    spec: { ...spec, versions },
  }
  const { status } = await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', object)
  expect(status).toBe(201)
}

type HostileObject = readonly [keyof typeof folders, string, object, object?]

function objects(): readonly HostileObject[] {
  const tool = (name: string, spec: object): HostileObject => [
    'tools',
    name,
    { apiVersion: 'shed.example/v1', kind: 'Tool', spec },
  ]
  const cronJob = (name: string, schedule: string): HostileObject => [
    'cronjobs',
    name,
    {
      spec: {
        schedule,
        jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
      },
    },
  ]
  const traits = JSON.parse(`{${hostileKeys.map((key) => `${JSON.stringify(key)}: ${JSON.stringify(key)}`).join(',')}}`)
  const deep = JSON.parse(`${'['.repeat(1_000)}1${']'.repeat(1_000)}`)
  const backend = { service: { name: 'a', port: { number: 1 } } }
  return [
    tool('honest', { weight: 7 }),
    ['leases', 'honest-lease', { spec: { holderIdentity: 'me', renewTime } }],
    tool('keys', { weight: 1, traits, note: injection, origin: { [injection]: [injection, null] } }),
    tool('many-parts', {
      weight: 3,
      note: 'n'.repeat(500_000),
      parts: Array.from({ length: 20_000 }, () => ({ weight: 1 })),
    }),
    tool('deep', { weight: 1, origin: deep }),
    tool('long-number', { weight: `${'9'.repeat(1_000_000)}x` }),
    [
      'pods',
      'texts',
      { spec: { containers: [container] } },
      { annotations: { constructor: injection }, labels: { toString: 'l' } },
    ],
    ['pods', 'container-name', { spec: { containers: [{ name: injection, image: injection }] } }],
    [
      'pods',
      'container-image',
      { spec: { containers: [{ name: 'c', image: injection.trim() }], schedulerName: injection } },
    ],
    ['pods', 'annotated', { spec: { containers: [container] } }, { annotations: manyAnnotations }],
    [
      'ingresses',
      'host',
      { spec: { rules: [{ host: injection, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] } },
    ],
    [
      'ingresses',
      'path',
      {
        spec: {
          rules: [{ http: { paths: [{ path: `/${injection}`, pathType: 'ImplementationSpecific', backend }] } }],
        },
      },
    ],
    ['leases', 'bomb', { spec: { holderIdentity: 'h'.repeat(500_000), renewTime } }, { ownerReferences }],
    ['endpoints', 'bomb', { subsets: [{ addresses, ports }] }],
    cronJob('blanks', '* '.repeat(500_000)),
    cronJob('every', `@every ${'1'.repeat(1_000_000)}h`),
  ]
}

test('all else is served and pushed, and what is left out is counted', async () => {
  console.log(`admitted: ${admitted.join(', ')}\nrefused:\n  ${refused.join('\n  ')}`)
  expect(admitted).toEqual(
    expect.arrayContaining(['honest', 'honest-lease', 'keys', 'many-parts', 'deep', 'annotated', 'bomb']),
  )
  const replica = await startReplica('reader', {
    kubeconfig: server.kubeconfig,
    folder,
    otlpEndpoint: `http://${receiver.grpcAddress}`,
    flags,
  })
  const page = await waitFor('the honest objects', async () => {
    const text = await replica.page()
    return text.includes('tool_weight{') && text.includes('lease="honest-lease"') ? text : undefined
  })
  expectValid(page)
  expect(page.split('\n').filter((line) => line.startsWith('evil'))).toEqual([])
  expect(page.match(/^kube_pod_annotations\{.*pod="annotated"/gm)).toHaveLength(1)
  expect(page).not.toContain('kube_lease_owner{lease="bomb"')
  expect(page).not.toContain('kube_endpoint_address{namespace="default",endpoint="bomb"')
  const errors = await replica.selfMetrics()
  expect(errors).toMatch(/family_errors_total\{[^}]*kube_lease_owner[^}]*\} [1-9]/)
  expect(errors).toMatch(/family_errors_total\{[^}]*kube_endpoint_address[^}]*\} [1-9]/)
  await expectReceived(replica, receiver)
  const received = () => [...receiver.liveSet.live().keys()]
  // No text of 1 MB is a number.
  const withWeight = ['deep', 'honest', 'keys', 'many-parts']
  const weights = received().flatMap((series) => /^tool_weight\{.*name="([^"]+)"/.exec(series)?.[1] ?? [])
  expect(weights.sort()).toEqual(withWeight)
  expect(received().filter((series) => series.startsWith('evil'))).toEqual([])
  expect([...receiver.liveSet.problems]).toEqual([])
  // What comes later is read as before.
  await client.create(folders.leases, { metadata: { name: 'later' }, spec: { holderIdentity: 'me', renewTime } })
  await waitFor('a later object', async () => ((await replica.page()).includes('lease="later"') ? true : undefined))
})
