/**
 * deploy/kustomize on the real API server: the tests' rendering equals that of kustomize, the server accepts the objects, and
 * the product runs with the rights that they grant and logs which one is missing.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import type { Combination } from '../deploy/combinations.ts'
import { combinations, excludedPairs, kustomizationOf, renderCombination } from '../deploy/combinations.ts'
import type { Manifest } from '../deploy/kustomize.ts'
import type { OpenApiDocument } from '../deploy/openapi.ts'
import { documentPaths, trimSchemas } from '../deploy/openapi.ts'
import { installCustomKinds, pluralOf } from './custom-kinds.ts'
import type { DeployedProduct, Workload } from './deployed-product.ts'
import { startDeployed } from './deployed-product.ts'
import type { KubeResponse } from './kube-client.ts'
import { createKubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'
import { objectState, parsePage } from './series.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-deploy-'))
const names = Object.keys(combinations) as Combination[]
/** Only its kustomize is used. */
const kubectl = process.env.KUBECTL ?? 'kubectl'
const dryRun = '?dryRun=All&fieldValidation=Strict'

/** Kinds whose plural is not that of all others. */
const plurals: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies', PriorityClass: 'priorityclasses' }

function pathOf({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${group}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plurals[kind] ?? pluralOf(kind)}`
}

const created: string[] = []
async function create(object: Manifest): Promise<void> {
  const { status, body } = await client.create(pathOf(object), object)
  expect([201, 409], JSON.stringify(body)).toContain(status)
  created.push(`${pathOf(object)}/${object.metadata.name}`)
}

const namespaceObject = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } as Manifest['metadata'],
})

const workloadsOf = (objects: readonly Manifest[]) =>
  objects.filter(({ kind }) => /^(Deployment|StatefulSet|DaemonSet)$/.test(kind)) as unknown as Workload[]

/** The targets of object state, once there are any; self-metrics have others. */
function objectStateTargets({ liveSet }: OtlpReceiver) {
  return waitFor('object state at the receiver', async () => {
    const targets = liveSet
      .targets()
      .filter((target) => [...liveSet.live(target).keys()].some((it) => objectState.test(it)))
    return targets.length > 0 ? targets : undefined
  })
}

const products: DeployedProduct[] = []
async function start(workload: Workload, more: { flags?: string[]; fields?: Record<string, string> } = {}) {
  const product = await startDeployed({ facts, client, folder, workload, ...more })
  products.push(product)
  return product
}
async function stopProducts(): Promise<void> {
  for (const { peer } of products.splice(0)) await peer.stop()
}

beforeAll(() => installCustomKinds(client))

afterAll(async () => {
  await stopProducts()
  for (const path of created.reverse()) await client.delete(path)
  for (const path of created.filter((each) => each.startsWith('/api/v1/namespaces/') && each.split('/').length === 5)) {
    await waitFor(`the end of ${path}`, async () => ((await client.get(path)).status === 404 ? true : undefined))
  }
  client.close()
})

it('the schemas that test/deploy checks against are what this API server publishes', async () => {
  const documents = await Promise.all(documentPaths.map((path) => client.get(`/openapi/v3/${path}`)))
  const schemas = trimSchemas(documents.map(({ body }) => body as OpenApiDocument))
  const { major, minor } = (await client.get('/version')).body as { major: string; minor: string }
  const from = `# Generated from the API server of Kubernetes ${major}.${minor} by test/e2e/deploy.e2e.ts; do not edit.\n`
  const text = from + stringify(schemas, { aliasDuplicateObjects: false })
  // `vitest --update` writes it.
  await expect(text).toMatchFileSnapshot('../deploy/kubernetes-schemas.yaml')
})

function kustomize(components: readonly string[], namespace: string): Manifest[] {
  const copy = mkdtempSync(join(folder, 'kustomize-'))
  cpSync('deploy/kustomize', copy, { recursive: true })
  mkdirSync(join(copy, 'combined'))
  writeFileSync(join(copy, 'combined/kustomization.yaml'), stringify(kustomizationOf(components, namespace)))
  const text = execFileSync(kubectl, ['kustomize', join(copy, 'combined')], { encoding: 'utf8', stdio: 'pipe' })
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}

describe.each(names)('%s', (combination) => {
  const namespace = 'strict'
  const objects = renderCombination(combination, namespace)

  it('is rendered by kustomize to the same objects', () => {
    expect(comparable(kustomize(combinations[combination], namespace))).toEqual(comparable(objects))
  })

  it('is accepted by the API server, its pods by the restricted Pod Security Standard', async () => {
    await create(namespaceObject(namespace))
    // Pods are checked against it, a dry run included.
    for (const object of objects.filter(({ kind }) => kind === 'PriorityClass')) await create(object)
    const pods = workloadsOf(objects).map(({ metadata, spec: { template } }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      ...template,
      metadata: { ...template.metadata, ...metadata },
    }))
    for (const object of [...objects, ...(pods as unknown as Manifest[])]) {
      const { status, body } = await client.create(`${pathOf(object)}${dryRun}`, object)
      const isThere = status === 409 && object.metadata.namespace === undefined
      if (!isThere) expect(status, `${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`).toBe(201)
    }
  })
})

it.each([...excludedPairs, ...excludedPairs.map((pair) => pair.toReversed())])(
  'kustomize refuses %s with %s',
  (...pair) => {
    expect(() => kustomize(pair, 'strict')).toThrow(/already registered id|no matches for Id/)
  },
)

/** The objects without their order and that of named entries. */
function comparable(objects: readonly Manifest[]) {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const entries = value.map(sorted)
      const isNamed = entries.every((entry) => typeof entry === 'object' && entry !== null && 'name' in entry)
      return isNamed ? entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : entries
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, sorted(inner)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
  return sorted(objects.map((object) => ({ name: `${object.kind} ${object.metadata.name}`, object })))
}

const serious = /"level":"(warn|error|fatal)"/
const linesOf = ({ peer }: DeployedProduct, pattern: RegExp) =>
  peer
    .log()
    .split('\n')
    .filter((line) => pattern.test(line))

describe('the base, applied', () => {
  const objects = renderCombination('the base', 'kube-state-otlp')
  const [workload] = workloadsOf(objects) as [Workload]
  const secretsBinding = objects.find(
    ({ kind, metadata }) => kind === 'ClusterRoleBinding' && metadata.name === 'kube-state-otlp-secrets',
  ) as Manifest

  beforeAll(async () => {
    for (const object of [namespaceObject('kube-state-otlp'), ...objects]) await create(object)
    await create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'deploy-node', labels: { 'kubernetes.io/os': 'linux' } } as Manifest['metadata'],
    })
  })

  it('becomes an available Deployment', async () => {
    const path = `${pathOf(workload as unknown as Manifest)}/${workload.metadata.name}`
    const available = async ({ body }: KubeResponse) =>
      (body as { status?: { availableReplicas?: number } }).status?.availableReplicas
    await waitFor('an available replica', async () => available(await client.get(path)))
  })

  it('runs with the rights that it grants: every list complete, pushed, no warnings', async () => {
    const receiver = await createOtlpReceiver()
    const product = await start(workload, { flags: [`--otlp-endpoint=http://${receiver.grpcAddress}`] })
    expect((await product.ready()).trim()).toMatch(/^ready\n(\d+) of \1 lists complete\nleader election: /)
    const { body } = await client.get('/api/v1/namespaces/kube-system')
    const target = {
      job: 'kube-state-metrics',
      instance: (body as Manifest & { metadata: { uid: string } }).metadata.uid,
    }
    expect(await objectStateTargets(receiver)).toEqual([target])
    expect(linesOf(product, serious)).toEqual([])
    await stopProducts()
    await receiver.close()
  })

  it('logs the rule that is missing, reads everything else, and recovers when it is granted', async () => {
    await client.delete(`${pathOf(secretsBinding)}/${secretsBinding.metadata.name}`)
    const product = await start(workload)
    expect(await product.ready()).toMatch(/(\d+) of \d+ lists complete\nsecrets: forbidden\nleader election: /)
    // Like warnings are collected for a moment, so that they become one line.
    const logged = await waitFor('the warning', async () => {
      const lines = linesOf(product, /no permission to read/)
      return lines.length > 0 ? lines : undefined
    })
    expect(logged).toHaveLength(1)
    expect(JSON.parse(logged[0] ?? '{}').message).toBe(
      'no permission to read secrets: a ClusterRole must have the rule { apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"] }',
    )
    expect([...parsePage(await (await fetch(product.metricsUrl)).text()).keys()].join()).toContain('kube_node_info')
    await create(secretsBinding)
    await waitFor('secrets', async () =>
      (await (await fetch(product.readyUrl)).text()).includes('forbidden') ? undefined : true,
    )
    await waitFor('the report', async () => linesOf(product, /secrets can be read now/).length === 1 || undefined)
    await stopProducts()
  })

  it('pushes with list and watch alone, as the role of kube-state-metrics grants them', async () => {
    const isRole = ({ kind, metadata }: Manifest) => kind === 'ClusterRole' && metadata.name === 'kube-state-otlp'
    const role = objects.find(isRole) as Manifest & { rules: { verbs: string[] }[] }
    const path = `${pathOf(role)}/${role.metadata.name}`
    await client.patch(path, { rules: role.rules.filter(({ verbs }) => !verbs.includes('get')) })
    const receiver = await createOtlpReceiver()
    const product = await start(workload, { flags: [`--otlp-endpoint=http://${receiver.grpcAddress}`] })
    await product.ready()
    expect(await objectStateTargets(receiver)).toHaveLength(1)
    expect(linesOf(product, serious)).toEqual([])
    await stopProducts()
    await receiver.close()
    await client.patch(path, { rules: role.rules })
  })
})

describe('namespaced, applied', () => {
  it('reads and pushes its own namespace with no right outside of it', async () => {
    const namespace = 'tenant'
    const objects = renderCombination('namespaced', namespace)
    for (const object of [namespaceObject(namespace), ...objects]) await create(object)
    const receiver = await createOtlpReceiver()
    const [workload] = workloadsOf(objects) as [Workload]
    const product = await start(workload, { flags: [`--otlp-endpoint=http://${receiver.grpcAddress}`] })
    expect((await product.ready()).trim()).toMatch(/^ready\n(\d+) of \1 lists complete\n/)
    expect(await objectStateTargets(receiver)).toEqual([{ job: 'kube-state-metrics', instance: namespace }])
    expect((await product.ready()).trim()).toMatch(/^ready\n(\d+) of \1 lists complete\nleader election: leading$/)
    expect(linesOf(product, serious)).toEqual([])
    const series = [...parsePage(await (await fetch(product.metricsUrl)).text()).keys()]
    expect(series.filter((text) => !text.includes(`namespace="${namespace}"`))).toEqual([])
    expect(series.join()).toContain('kube_deployment_created{')
    await stopProducts()
    await receiver.close()
  })
})

describe('per node, applied', () => {
  it('reports every pod once, and everything else once', async () => {
    const namespace = 'kube-state-otlp'
    const objects = renderCombination('per node', namespace)
    for (const object of [namespaceObject(namespace), ...objects]) await create(object)
    await create({ ...namespaceObject('placed'), metadata: { name: 'placed' } })
    for (const [name, nodeName] of [
      ['here', 'deploy-node'],
      ['elsewhere', 'no-such-node'],
      ['nowhere', undefined],
    ] as const) {
      const containers = [{ name: 'web', image: 'web:1' }]
      const metadata = { name, namespace: 'placed' }
      await create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName, schedulerName: 'nobody', containers } })
    }
    const pages: Record<string, string> = {}
    for (const workload of workloadsOf(objects)) {
      const receiver = await createOtlpReceiver()
      const flags = [`--otlp-endpoint=http://${receiver.grpcAddress}`]
      const product = await start(workload, { fields: { 'spec.nodeName': 'deploy-node' }, flags })
      await product.ready()
      expect(await objectStateTargets(receiver)).toHaveLength(1)
      expect(linesOf(product, serious)).toEqual([])
      pages[workload.kind] = [...parsePage(await (await fetch(product.metricsUrl)).text()).keys()].join('\n')
      await product.peer.stop()
      await receiver.close()
    }
    const podsOf = (page = '') =>
      ['here', 'elsewhere', 'nowhere'].filter(
        (name) => page.includes(`kube_pod_info{`) && page.includes(`pod="${name}"`),
      )
    const { Deployment: whole, DaemonSet: node } = pages
    expect(podsOf(whole)).toEqual(['nowhere'])
    expect(whole).toContain('kube_node_info{')
    expect(podsOf(node)).toEqual(['here'])
    expect(node?.split('\n').filter((text) => !text.startsWith('kube_pod_'))).toEqual([])
  })
})
