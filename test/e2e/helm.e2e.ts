/**
 * deploy/helm, rendered by Helm for every values file in its ci/ folder: the schemas accept the objects, the product accepts its
 * configuration, each ServiceAccount has exactly the rights that its pods need, and a real API server runs the release.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { coordinationRights } from '../../src/inspect/coordination-rights.ts'
import type { PolicyRule } from '../../src/inspect/rbac.ts'
import { createRbac } from '../../src/inspect/rbac.ts'
import type { MovedValue } from '../deploy/community-values.ts'
import { missingOf, movedValues } from '../deploy/community-values.ts'
import { contains } from '../deploy/contains.ts'
import type { Manifest } from '../deploy/kustomize.ts'
import { problemsOf } from '../deploy/manifest-schemas.ts'
import type { Workload } from '../deploy/workloads.ts'
import { accountOf, bindingsOf, loadedConfig, productOf, rightsOf, rolesOf, workloadsOf } from '../deploy/workloads.ts'
import { installCustomKinds } from './custom-kinds.ts'
import { chart, createHelm } from './helm.ts'
import { createKubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'

const facts = inject('cluster')
const helm = createHelm(facts)
const client = createKubeClient(facts)
const namespace = 'helm'
const node = 'helm-node'
const files = readdirSync(`${chart}/ci`)
const render = (file: string, ...words: string[]) =>
  helm.render('it', namespace, `--values=${chart}/ci/${file}`, ...words)

interface Volumes {
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
}

function dataOf(objects: readonly Manifest[], name: string): Readonly<Record<string, string>> {
  const isNamed = ({ kind, metadata }: Manifest) => kind === 'ConfigMap' && metadata.name === name
  return (objects.find(isNamed) as Manifest & { data: Record<string, string> }).data
}

/** The files of ConfigMaps in the product's container, by path. */
function mountedFiles(objects: readonly Manifest[], workload: Workload): Map<string, string> {
  const { volumes } = workload.spec.template.spec as unknown as Volumes
  const { volumeMounts } = productOf(workload) as unknown as { volumeMounts: { name: string; mountPath: string }[] }
  const files = volumeMounts.flatMap(({ name, mountPath }) => {
    const { configMap } = volumes.find((volume) => volume.name === name) as Volumes['volumes'][number]
    const data = configMap === undefined ? {} : dataOf(objects, configMap.name)
    return Object.entries(data).map(([key, content]) => [`${mountPath}/${key}`, content] as const)
  })
  return new Map(files)
}

/** Of the rules in ci/custom-resources-values.yaml. */
const customRights = [
  'apiextensions.k8s.io customresourcedefinitions',
  'example.com policies',
  'example.com sheep',
].flatMap((resource) => ['list', 'watch'].map((verb) => `* ${resource}/* ${verb}`))

const configOf = (objects: readonly Manifest[], workload: Workload) =>
  loadedConfig({ workload, namespace, node, files: mountedFiles(objects, workload) })

/** How the docs call parts of a workload. */
const partNames: Readonly<Record<string, string>> = { 'Pod metadata': 'PodMetadata' }

/** The cells of a table in Markdown, by the beginning of its header. */
function tableOf(page: string, header: string): string[][] {
  const [table = ''] = page.slice(page.indexOf(header)).split('\n\n')
  const [, , ...lines] = table.split('\n')
  return lines.map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

beforeAll(async () => {
  await installCustomKinds(client)
  const labels = { 'kubernetes.io/os': 'linux' }
  await client.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels } })
  for (const name of [namespace, 'team-a', 'team-b']) await client.create('/api/v1/namespaces', { metadata: { name } })
})

afterAll(async () => {
  const namespaces = [namespace, 'kube-state-otlp', 'team-a', 'team-b'].map((name) => `/api/v1/namespaces/${name}`)
  for (const path of namespaces) await client.delete(path)
  // Other files create some of them again, which the API server refuses until they are gone.
  for (const path of namespaces)
    await waitFor(`the end of ${path}`, async () => ((await client.get(path)).status === 404 ? true : undefined))
  await client.delete(`/api/v1/nodes/${node}`)
  client.close()
})

it('helm lint has nothing to report but the missing icon', () => {
  expect(helm.run('lint', '--strict', chart)).toContain('0 chart(s) failed')
})

describe.each(files)('%s', (file) => {
  const objects = render(file)
  const workloads = workloadsOf(objects)

  it('is made of objects that their schemas accept', () => {
    expect(workloads.length).toBeGreaterThan(0)
    expect(objects.map((object) => [object.kind, problemsOf(object)])).toEqual(objects.map(({ kind }) => [kind, []]))
  })

  it('configures the product, on the ports that it names', () => {
    for (const workload of workloads) {
      const { server } = configOf(objects, workload)
      const ports = productOf(workload).ports.map(({ name, containerPort }) => [name, containerPort])
      expect(Object.fromEntries(ports)).toEqual({ 'http-metrics': server.port, telemetry: server.telemetryPort })
    }
  })

  it('grants each ServiceAccount what its configuration needs and nothing else', () => {
    expect(bindingsOf(objects).length).toBeGreaterThan(0)
    for (const workload of workloads) {
      const config = configOf(objects, workload)
      const { selection, otlp, server, customResources } = config
      const readsClusterId = otlp.instanceId === undefined
      const reviewsAccess = server.authFilter
      const account = { name: 'x', namespace }
      const rights = coordinationRights(config, namespace)
      const needs = { selection, readsClusterId, reviewsAccess, ruleSources: customResources, ...rights }
      const needed = rightsOf(createRbac({ ...needs, name: 'x', account }))
      const custom = productOf(workload).args?.join().includes('custom-resource-state-config-file') ? customRights : []
      const { rbac } = parse(readFileSync(`${chart}/ci/${file}`, 'utf8')) as { rbac?: { extraRules?: PolicyRule[] } }
      const extra = rightsOf([{ metadata: {}, rules: rbac?.extraRules ?? [] }])
      expect(rightsOf(rolesOf(objects, accountOf(workload)))).toEqual([...needed, ...custom, ...extra].sort())
    }
  })

  it('is installed, becomes available, and is uninstalled without a trace', () => {
    const options = [`--namespace=${namespace}`, `--values=${chart}/ci/${file}`, '--wait', '--timeout=3m']
    const notes = helm.run('install', 'it', chart, ...options)
    expect(notes).toContain('rollout status')
    helm.run('upgrade', 'it', chart, ...options, '--set=podLabels.upgraded=yes')
    helm.run('uninstall', 'it', `--namespace=${namespace}`, '--wait', '--timeout=3m')
    expect(helm.run('list', '--all-namespaces', '--short')).toBe('')
  })
})

it.each([
  ['docs/deploying.md', ''],
  ['docs/migrating.md', 'registry.example/'],
])('the command of %s installs the image and pushes to the endpoint that it names', (page, registry) => {
  const [, line = ''] = /^ {4}helm (install .*)$/m.exec(readFileSync(page, 'utf8')) ?? []
  const words = line.replace('my-values.yaml', `${chart}/ci/community-values.yaml`).split(' ')
  const [, release = '', documented = ''] = words
  expect(documented).toBe(chart)
  expect(helm.run(...words, '--wait')).toContain('http://otel-collector.monitoring:4317')
  const [image] = helm.run('get', 'manifest', release, '--namespace=kube-state-otlp').match(/(?<=image: ).*/g) ?? []
  expect(image).toBe(`${registry}example/kube-state-otlp:${packageJson.version}`)
  helm.run('uninstall', release, '--namespace=kube-state-otlp', '--wait')
})

it('the notes warn of object state that is pushed and scraped', () => {
  const notes = (...values: string[]) =>
    helm.run('install', 'it', chart, '--dry-run=client', ...values.map((value) => `--set=${value}`)).split('NOTES:')[1]
  const endpoint = 'otlp.endpoint=http://collector:4317'
  expect(notes(endpoint, 'prometheusScrape=true')).toContain('WARNING')
  expect(notes(endpoint, 'prometheus.monitor.enabled=true')).toContain('WARNING')
  expect(notes(endpoint, 'prometheus.monitor.enabled=true', 'prometheus.monitor.http.enabled=false')).not.toContain(
    'WARNING',
  )
  expect(notes('prometheusScrape=true')).not.toContain('WARNING')
})

it('extra rules and existing roles are used', () => {
  const rules = '[{"apiGroups":["example.com"],"resources":["widgets"],"verbs":["list","watch"]}]'
  const extra = helm.render('it', namespace, `--set-json=rbac.extraRules=${rules}`)
  expect(rightsOf(rolesOf(extra, 'it-kube-state-otlp'))).toContain('* example.com widgets/* list')
  const existing = helm.render('it', namespace, '--set=rbac.useExistingRole=view', '--set=serviceAccount.create=false')
  expect(existing.filter(({ kind }) => /^(Cluster)?Role$/.test(kind))).toEqual([])
  expect(bindingsOf(existing).map(({ roleRef, subjects }) => [roleRef.name, subjects[0]?.name])).toEqual([
    ['view', 'default'],
  ])
})

it('further containers and values as text are rendered', () => {
  const container = '- {name: proxy, image: "{{ .Release.Name }}/proxy:1"}'
  const objects = helm.render('it', namespace, '--set-literal', `containers=${container}`)
  expect(objects.map(problemsOf)).toEqual(objects.map(() => []))
  const [workload] = workloadsOf(objects) as [Workload]
  expect(workload.spec.template.spec.containers.map(({ image }) => image)).toContain('it/proxy:1')
})

describe('shards and nodes', () => {
  it('every shard follows the StatefulSet, and has a Lease of its own', () => {
    const objects = render('sharded-values.yaml')
    const [workload] = workloadsOf(objects) as [Workload]
    expect(workload.kind).toBe('StatefulSet')
    const { selection, leaderElection } = configOf(objects, workload)
    expect(selection.pod).toEqual({ namespace, statefulSet: workload.metadata.name, ordinal: 1 })
    expect(leaderElection).toMatchObject({ enabled: true, leaseName: `${workload.metadata.name}-shard-1` })
  })

  it('pods are read by node, everything else and unscheduled pods by the shards', () => {
    const objects = render('per-node-values.yaml')
    const selections = workloadsOf(objects).map((workload) => [workload.kind, configOf(objects, workload).selection])
    expect(Object.fromEntries(selections)).toMatchObject({
      StatefulSet: { trackUnscheduledPods: true, resources: undefined, node: undefined, pod: { ordinal: 1 } },
      DaemonSet: { trackUnscheduledPods: false, resources: ['pods'], node, shard: 0, totalShards: 1, pod: undefined },
    })
  })

  it('with a sidecar, the endpoint is the sidecar', () => {
    const objects = render('sharded-values.yaml')
    const [workload] = workloadsOf(objects) as [Workload]
    expect(configOf(objects, workload).otlp.endpoint?.url).toBe('http://localhost:4317')
  })
})

describe('values of the configuration file', () => {
  it('arrive as they are', () => {
    const objects = render('pushing-values.yaml')
    const [workload] = workloadsOf(objects) as [Workload]
    const { otlp, push, selection, telemetry } = configOf(objects, workload)
    expect(otlp.endpoint?.url).toBe('http://otel-collector.monitoring:4317')
    expect(otlp.constantLabels).toEqual(new Map([['cluster', 'production']]))
    expect([push.intervalMs, telemetry.logLevel]).toEqual([30_000, 'warn'])
    expect(selection.resources).not.toContain('secrets')
    expect(selection.resources).toContain('pods')
  })

  it('change the pods when they change', () => {
    const checksum = (...words: string[]) => {
      const [workload] = workloadsOf(render('pushing-values.yaml', ...words)) as [Workload]
      const { annotations } = workload.spec.template.metadata as unknown as { annotations: Record<string, string> }
      return annotations['checksum/config']
    }
    expect(checksum()).toBe(checksum())
    expect(checksum('--set=push.interval=15s')).not.toBe(checksum())
  })
})

describe('rules for custom resources', () => {
  it('are mounted where the flag says, in the Deployment alone', () => {
    const objects = render('custom-resources-values.yaml')
    const flagged = workloadsOf(objects).filter(({ spec }) => JSON.stringify(spec).includes('custom-resource-state'))
    expect(flagged.map(({ kind }) => kind)).toEqual(['Deployment'])
    const { customResources } = configOf(objects, flagged[0] as Workload)
    expect(JSON.stringify(customResources)).toContain('Priority of the policy.')
  })
})

describe("a values file of kube-state-metrics' chart", () => {
  const given = parse(readFileSync(`${chart}/ci/community-values.yaml`, 'utf8')) as Record<string, unknown>
  const objects = render('community-values.yaml')
  const [workload] = workloadsOf(objects) as [Workload]
  /** The rows of the table in docs/migrating.md: a part of the values file, and the objects that come out of it. */
  const rows = tableOf(readFileSync('docs/migrating.md', 'utf8'), '| value | kube-state-metrics')

  it('is in the table of the docs with every value', () => {
    const values = rows.map(([value = '']) => parse(value.replaceAll('`', '')) as Record<string, unknown>)
    expect(values.filter((value) => !contains(given, value))).toEqual([])
    expect([...new Set(values.flatMap(Object.keys))].sort()).toEqual(Object.keys(given).sort())
  })

  it.each(rows)('%s yields what the docs say', (value, _, here = '') => {
    const claims = [...here.matchAll(/([A-Z][A-Za-z]+(?: metadata)?) `(\{.+?\})`/g)]
    const parts = claims.map(([, kind = '', part = '']) => ({ [partNames[kind] ?? kind]: parse(part) as unknown }))
    expect(parts.flatMap((part) => missingOf(objects, part))).toEqual([])
    // These two change nothing, and say so.
    if (!/customResourceState|kubeRBACProxy/.test(value ?? '')) expect(parts.length).toBeGreaterThan(0)
  })

  it('selects what it asks for', () => {
    const { selection } = configOf(objects, workload)
    expect(selection.resources).toEqual(given.collectors)
    expect(selection.namespacesDenylist).toEqual(['sandbox'])
  })

  it('is scraped as it asks for, under the job of kube-state-metrics', () => {
    const monitor = objects.find(({ kind }) => kind === 'ServiceMonitor') as Manifest
    expect(monitor.metadata).toMatchObject({ labels: { release: 'prometheus' } })
    const { endpoints } = monitor.spec as { endpoints: Record<string, unknown>[] }
    const http = (given.prometheus as { monitor: { http: { relabelings: object[] } } }).monitor.http
    const relabelings = [{ targetLabel: 'job', replacement: 'kube-state-metrics' }, ...http.relabelings]
    expect(endpoints[0]).toMatchObject({ port: 'http-metrics', honorLabels: true, ...http, relabelings })
  })
})

describe("values of kube-state-metrics' chart", () => {
  const rendered = (set: MovedValue['set']) => helm.render('it', namespace, `--set-json=${JSON.stringify(set)}`)
  const accepted = movedValues.filter(({ refused }) => refused === undefined)
  const refused = movedValues.filter(({ yields }) => yields === undefined)
  const defaults = rendered({})

  it.each(accepted)('$name has its effect: $set', ({ set, yields = {} }) => {
    expect(missingOf(rendered(set), yields)).toEqual([])
    expect(missingOf(defaults, yields)).not.toEqual([])
  })

  it.each(refused)('$name is refused: $set', ({ set, refused = '' }) => {
    expect(refused).not.toBe('')
    expect(() => rendered(set)).toThrow(refused)
  })
})

describe('values that cannot work are refused', () => {
  const endpoint = '--set=otlp.endpoint=http://collector:4317'
  it.each([
    ['an unknown value', ['--set=kubeTargetVersionOverride=1.30'], /kubeTargetVersionOverride/],
    ['rules from nowhere', ['--set=customResourceState.enabled=true,customResourceState.create=false'], /name: needed/],
    [
      'custom resources without cluster-wide rights',
      ['--set=customResourceState.enabled=true,rbac.useClusterRole=false'],
      /customResourceState needs/,
    ],
    ['reviews without cluster-wide rights', ['--set=authFilter.enabled=true,rbac.useClusterRole=false'], /authFilter/],
    [
      'replicas that push the same',
      ['--set=replicas=2,leaderElection.enabled=false', endpoint],
      /autosharding\.enabled/,
    ],
    ['two endpoints', ['--set=collector.sidecar.enabled=true', endpoint], /exclude each other/],
    ['a sidecar without a destination', ['--set=collector.sidecar.enabled=true'], /prometheusUrl/],
    ['nodes without cluster-wide rights', ['--set=perNode.enabled=true,rbac.useClusterRole=false'], /useClusterRole/],
    ['nodes in some namespaces', ['--set=perNode.enabled=true,namespaces=a'], /excludes namespaces/],
    ['nodes without pods', ['--set=perNode.enabled=true,collectors={nodes}'], /needs pods/],
    ['no identity', ['--set=rbac.useClusterRole=false', endpoint], /otlp\.instance_id/],
    ['nothing to read', ['--set=collectors={pods},collectorsExclude={pods}'], /nothing is left/],
  ])('%s', (_, words, message) => {
    expect(() => helm.render('it', namespace, ...words)).toThrow(message)
  })

  it('replicas that are only scraped are not', () => {
    expect(workloadsOf(helm.render('it', namespace, '--set=replicas=2'))[0]?.spec.replicas).toBe(2)
  })
})
