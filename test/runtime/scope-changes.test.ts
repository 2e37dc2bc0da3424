/** Namespaces, denied namespaces and label keys that change while the program runs: what stays selected is not touched. */
import { afterEach, expect, test } from 'vitest'
import { always } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { Arrival } from '../../simulator/otlp/live-set.ts'
import type { Program } from './world.ts'
import { endWorld, readPage, startFromFile, startWorld, until } from './world.ts'

afterEach(endWorld)

const resources = 'resources: {services: {}, configmaps: {}, nodes: {}}'

/** The page of self-metrics. */
async function readOwnPage({ addresses }: Pick<Program, 'addresses'>): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/metrics`)
  return response.text()
}

/** The values of a label in series, each once. */
const valuesOf = (label: string, series: readonly string[]) =>
  [...new Set(series.map((text) => new RegExp(`[{,]${label}="([^"]*)"`).exec(text)?.[1] ?? ''))].sort()

/** A program that reads services and config maps of three namespaces, and nodes. */
async function startScoped(selection: string) {
  const ended: string[] = []
  const onArrival = ({ change, series }: Arrival) => {
    if (change === 'ended') ended.push(series)
  }
  const world = await startWorld(builtInKinds, {}, { liveSet: { onArrival } })
  const { api, receiver } = world
  const createService = (namespace: string, name: string) =>
    api.objects.create('services', {
      metadata: { name, namespace, labels: { app: name } },
      spec: { type: 'ClusterIP' },
    })
  for (const namespace of ['a', 'b', 'c']) {
    createService(namespace, 'web')
    api.objects.create('configmaps', { metadata: { name: 'settings', namespace } })
  }
  api.objects.create('nodes', { metadata: { name: 'n1' } })
  const { product, records, reload } = await startFromFile(world, `${resources}\n${selection}`)
  const live = (name: string) =>
    [...receiver.liveSet.live().keys()].filter((series) => series.startsWith(`${name}{`)).sort()
  const namespacesOf = (name: string) => valuesOf('namespace', live(name))
  const areAllListed = () => {
    const [, complete, all] = /^(\d+) of (\d+) lists complete/.exec(product.readiness().lines[0] ?? '') ?? []
    return complete !== undefined && complete === all
  }
  let probes = 0
  /** All lists are complete, and what they changed has arrived: a service that was created afterwards has. */
  const settle = async (namespaces: readonly string[]) => {
    await until(() => String(namespacesOf('kube_service_info')) === String(namespaces))
    await until(() => String(namespacesOf('kube_configmap_info')) === String(namespaces))
    await until(areAllListed)
    const name = `probe-${++probes}`
    for (const namespace of namespaces) createService(namespace, name)
    const arrived = () => live('kube_service_info').filter((series) => series.includes(`"${name}"`)).length
    await until(() => arrived() === namespaces.length)
  }
  return {
    ...{ world, product, records, ended, settle, live, reload },
    /** What is requested, and which series end, while another selection takes effect. */
    async change(next: string, namespaces: readonly string[]) {
      const requestsBefore = api.requests.length
      ended.length = 0
      reload(`${resources}\n${next}`)
      await settle(namespaces)
      const requests = api.requests.slice(requestsBefore).map(({ path }) => path)
      return {
        paths: [...new Set(requests)].sort(),
        endedIn: valuesOf('namespace', ended),
      }
    },
  }
}

/** How many synced ones there are of each resource, by the gauge. */
const reflectorsIn = (page: string) =>
  Object.fromEntries(
    [...page.matchAll(/^kube_state_otlp_reflectors\{resource="(.*)",status="synced"\} (\d+)$/gm)]
      .map(([, resource, count]) => [resource, Number(count)] as const)
      .sort(),
  )

const pathsIn = (...namespaces: string[]) =>
  ['configmaps', 'services']
    .flatMap((plural) => namespaces.map((name) => `/api/v1/namespaces/${name}/${plural}`))
    .sort()
const clusterPaths = ['/api/v1/configmaps', '/api/v1/services']

test('namespaces come and go: only their readers start and stop, and only their series end', async () => {
  const { change, settle, product, live } = await startScoped('namespaces: [a, b]')
  await settle(['a', 'b'])
  expect(reflectorsIn(await readOwnPage(product))).toEqual({ configmaps: 2, nodes: 1, services: 2 })
  const nodes = live('kube_node_info')
  expect(await change('namespaces: [b, a, c]', ['a', 'b', 'c'])).toEqual({ paths: pathsIn('c'), endedIn: [] })
  expect(await change('namespaces: [a, c]', ['a', 'c'])).toEqual({ paths: [], endedIn: ['b'] })
  expect(await change('namespaces: [a, c]\nnamespaces_denylist: [c]', ['a'])).toEqual({ paths: [], endedIn: ['c'] })
  expect(reflectorsIn(await readOwnPage(product))).toEqual({ configmaps: 1, nodes: 1, services: 1 })
  expect(await change('namespaces: [b, a]', ['a', 'b'])).toEqual({ paths: pathsIn('b'), endedIn: [] })
  expect(live('kube_node_info')).toEqual(nodes)
  const page = await readPage(product)
  expect(page).not.toContain('namespace="c"')
  expect(page).toContain('kube_service_info{namespace="b"')
})

test('from all namespaces to some and back, what stays selected has no gap and no stale marker', async () => {
  const { change, settle, world, product } = await startScoped('')
  await settle(['a', 'b', 'c'])
  expect(await change('namespaces: [a, b]', ['a', 'b'])).toEqual({ paths: pathsIn('a', 'b'), endedIn: ['c'] })
  expect(await change('namespaces_denylist: [b]', ['a', 'c'])).toEqual({ paths: clusterPaths, endedIn: ['b'] })
  expect(await change('', ['a', 'b', 'c'])).toEqual({ paths: clusterPaths, endedIn: [] })

  world.api.objects.delete('services', { namespace: 'b', name: 'web' })
  await until(async () => !(await readPage(product)).includes('namespace="b",service="web"'))
  expect(await readPage(product)).toContain('namespace="a",service="web"')
})

test('rows of a namespace that stays are served until the list of its new reader is complete', async () => {
  const { settle, world, product, ended, reload, live } = await startScoped('')
  await settle(['a', 'b', 'c'])
  ended.length = 0
  const { api } = world
  const { promise: release, resolve } = Promise.withResolvers<void>()
  api.setFaults(always(({ path }) => path.startsWith('/api/v1/namespaces/a/'), { until: release }))
  const seriesOfA = () => live('kube_service_info').filter((series) => series.includes('namespace="a"'))
  const before = seriesOfA()
  reload(`${resources}\nnamespaces: [a]`)
  await until(() => ['b', 'c'].every((gone) => !live('kube_service_info').join().includes(`namespace="${gone}"`)))
  await until(() => api.requests.filter(({ path }) => path.startsWith('/api/v1/namespaces/a/')).length === 2)
  api.objects.delete('services', { namespace: 'a', name: 'probe-1' })
  const page = await readPage(product)
  expect(page).not.toContain('namespace="b"')
  expect(page).toContain('namespace="a",service="web"')
  expect(seriesOfA()).toEqual(before)
  resolve()
  await until(() => seriesOfA().length === before.length - 1)
  const endedInA = ended.filter((series) => series.includes('namespace="a"'))
  expect(valuesOf('service', endedInA)).toEqual(['probe-1'])
})

/** Pods on two nodes and one without a node, read with this selection of `resources: pods`. */
async function startOnNodes(selection: string) {
  const ended: string[] = []
  const onArrival = ({ change, series }: Arrival) => void (change === 'ended' && ended.push(series))
  const world = await startWorld(builtInKinds, {}, { liveSet: { onArrival } })
  const { api, receiver } = world
  const createPod = (name: string, nodeName: string) =>
    api.objects.create('pods', { metadata: { name, namespace: 'a' }, spec: { ...(nodeName && { nodeName }) } })
  for (const [name, node] of [
    ['p1', 'n1'],
    ['p2', 'n2'],
    ['waiting', ''],
  ] as const)
    createPod(name, node)
  const { product, records, reload } = await startFromFile(world, `resources: {pods: {}}\n${selection}`)
  const names = () =>
    valuesOf(
      'pod',
      [...receiver.liveSet.live().keys()].filter((series) => series.startsWith('kube_pod_info{')),
    )
  const change = async (next: string, pods: readonly string[]) => {
    ended.length = 0
    const before = api.requests.length
    reload(`resources: {pods: {}}\n${next}`)
    await until(() => String(names()) === String(pods))
    const lists = api.requests.slice(before).map(({ query }) => query.get('fieldSelector'))
    return { selectors: [...new Set(lists)], ended: valuesOf('pod', ended) }
  }
  return { world, product, records, names, change, createPod }
}

test('the node and the pods without a node change while the program runs; what is gone ends', async () => {
  const { world, product, records, names, change } = await startOnNodes('')
  await until(() => String(names()) === 'p1,p2,waiting')
  expect(await change('node: n1', ['p1'])).toEqual({ selectors: ['spec.nodeName=n1'], ended: ['p2', 'waiting'] })
  expect(await change('node: n2', ['p2'])).toEqual({ selectors: ['spec.nodeName=n2'], ended: ['p1'] })
  expect(await readPage(product)).not.toContain('pod="p1"')
  const unscheduled = await change('track_unscheduled_pods: true', ['waiting'])
  expect(unscheduled).toEqual({ selectors: ['spec.nodeName='], ended: ['p2'] })
  expect(await change('', ['p1', 'p2', 'waiting'])).toEqual({ selectors: [null], ended: [] })
  expect(await change('track_unscheduled_pods: true', ['waiting'])).toMatchObject({ ended: ['p1', 'p2'] })
  expect(records.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  expect([...world.receiver.liveSet.problems]).toEqual([])
})

test('a pod that is scheduled after the change is handed over, without stale markers', async () => {
  const { world, names, change } = await startOnNodes('')
  await until(() => String(names()) === 'p1,p2,waiting')
  await change('track_unscheduled_pods: true', ['waiting'])
  const { api, receiver } = world
  api.objects.update('pods', { metadata: { name: 'waiting', namespace: 'a' }, spec: { nodeName: 'n1' } })
  api.objects.create('pods', { metadata: { name: 'later', namespace: 'a' }, spec: {} })
  await until(() => names().includes('later'))
  expect(names()).toEqual(['later', 'waiting'])
  expect([...receiver.liveSet.problems]).toEqual([])
})

test('with leader election, another node is another Lease, which needs a restart', async () => {
  const election = 'leader_election: {enabled: true}\n'
  const { records, names, change } = await startOnNodes(`${election}node: n1`)
  await until(() => String(names()) === 'p1')
  expect(await change(`${election}node: n2`, ['p1'])).toEqual({ selectors: [], ended: [] })
  expect(records).toContainEqual(
    expect.objectContaining({ message: 'some configuration changes need a restart', changed: ['node'] }),
  )
})

test('a selector that changes ends only what it no longer selects', async () => {
  const ended: string[] = []
  const onArrival = ({ change, series }: Arrival) => void (change === 'ended' && ended.push(series))
  const cranes = { plural: 'cranes', apiVersion: 'harbour.example/v1', kind: 'Crane', namespaced: true }
  const definitions = {
    ...{ plural: 'customresourcedefinitions', apiVersion: 'apiextensions.k8s.io/v1', namespaced: false },
    kind: 'CustomResourceDefinition',
  }
  const world = await startWorld([...builtInKinds, definitions, cranes], {}, { liveSet: { onArrival } })
  const { api, receiver } = world
  api.objects.create('customresourcedefinitions', {
    metadata: { name: 'cranes.harbour.example' },
    spec: {
      group: 'harbour.example',
      scope: 'Namespaced',
      names: { kind: 'Crane', plural: 'cranes' },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  })
  for (const name of ['c1', 'c2', 'c3']) {
    api.objects.create('cranes', { metadata: { name, namespace: 'quay' }, spec: { tonnes: 5 } })
  }
  const selecting = (selector: string) => `resources: {nodes: {}}
custom_resource_config: |
  spec:
    resources:
      - groupVersionKind: {group: harbour.example, version: v1, kind: Crane}
        fieldSelector: ${selector}
        labelsFromPath: {name: [metadata, name]}
        metrics: [{name: tonnes, help: Load, each: {type: Gauge, gauge: {path: [spec, tonnes]}}}]`
  const { reload } = await startFromFile(world, selecting('metadata.name!=c1'))
  const names = () =>
    valuesOf(
      'name',
      [...receiver.liveSet.live().keys()].filter((series) => series.includes('_tonnes{')),
    )
  await until(() => String(names()) === 'c2,c3')
  const requestsBefore = api.requests.length
  reload(selecting('metadata.name!=c2'))
  await until(() => String(names()) === 'c1,c3')
  expect(valuesOf('name', ended)).toEqual(['c2'])
  const paths = api.requests.slice(requestsBefore).map(({ path }) => path)
  expect(paths.filter((path) => path.includes('nodes'))).toEqual([])
})

test("the list of a new reader is a present one, as the API server's cache may be older than what is stored", async () => {
  const { change, settle, world } = await startScoped('use_api_server_cache: true')
  await settle(['a', 'b', 'c'])
  const ofServices = () =>
    world.api.requests
      .filter(({ resource }) => resource?.plural === 'services')
      .map(({ query }) => query.get('resourceVersion'))
  expect(ofServices()[0]).toBe('0')
  const before = ofServices().length
  await change('use_api_server_cache: true\nnamespaces: [a]', ['a'])
  const [first] = ofServices().slice(before)
  expect(first).not.toBe('0')
})

test('label keys that change list again over the same readers, and end nothing', async () => {
  const { change, settle, product, records, live } = await startScoped('namespaces: [a, b]')
  await settle(['a', 'b'])
  const selection = 'namespaces: [a, b]\nlabels_allow_list: {services: [app]}'
  const servicePaths = ['a', 'b'].map((namespace) => `/api/v1/namespaces/${namespace}/services`)
  expect(await change(selection, ['a', 'b'])).toEqual({ paths: servicePaths, endedIn: [] })
  await until(() => live('kube_service_labels').some((series) => series.includes('label_app="web"')))
  const relists = records.filter(({ message }) => message === 'listing again')
  expect(relists.map(({ resource, namespace, reason }) => [resource, namespace, reason])).toEqual([
    ['services', 'a', 'resource_changed'],
    ['services', 'b', 'resource_changed'],
  ])
  expect(await readOwnPage(product)).toMatch(
    /^kube_state_otlp_watch_restarts_total\{resource="services",reason="resource_changed"\} 2$/m,
  )
})
