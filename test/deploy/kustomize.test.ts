/**
 * deploy/kustomize, rendered for every supported combination of components: the API server's schemas accept the objects, the
 * product accepts its configuration, and each ServiceAccount has exactly the rights that its pods need.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { coordinationRights } from '../../src/inspect/coordination-rights.ts'
import { createRbac } from '../../src/inspect/rbac.ts'
import { accepted } from '../config/inputs.ts'
import { combinations, excludedPairs, renderCombination, renderComponents } from './combinations.ts'
import { render } from './kustomize.ts'
import { problemsOf } from './manifest-schemas.ts'
import type { Container, Pod, Workload } from './workloads.ts'
import { accountOf, bindingsOf, loadedConfig, productOf, rightsOf, rolesOf, workloadsOf } from './workloads.ts'

const namespace = 'monitoring'
const node = 'node-1'
const configOf = (workload: Workload) => loadedConfig({ workload, namespace, node })

interface Placement {
  readonly priorityClassName?: string
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: object } }[]
}

describe.each(Object.keys(combinations) as (keyof typeof combinations)[])('%s', (combination) => {
  const objects = renderCombination(combination, namespace)
  const workloads = workloadsOf(objects)

  it('is made of objects that the API server knows', () => {
    expect(objects.map((object) => [object.kind, problemsOf(object)])).toEqual(objects.map(({ kind }) => [kind, []]))
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(workloads.length).toBeGreaterThan(0)
  })

  it('is all in the namespace of the user', () => {
    for (const { kind, metadata } of objects) {
      if (kind === 'Namespace') expect(metadata.name).toBe(namespace)
      else if (!/^(Cluster|PriorityClass)/.test(kind)) expect(metadata.namespace).toBe(namespace)
    }
  })

  it('refers to what is there', () => {
    const has = (kind: string, name: string) =>
      objects.some((object) => object.kind === kind && object.metadata.name === name)
    for (const { roleRef, subjects } of bindingsOf(objects)) {
      expect(has(roleRef.kind, roleRef.name)).toBe(true)
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: expect.any(String), namespace }])
      expect(has('ServiceAccount', subjects[0]?.name ?? '')).toBe(true)
    }
    for (const workload of workloads) {
      const { spec } = workload
      expect(has('ServiceAccount', accountOf(workload))).toBe(true)
      for (const name of JSON.stringify(spec).match(/(?<="configMap":\{"name":")[^"]+/g) ?? [])
        expect(has('ConfigMap', name)).toBe(true)
    }
  })

  it('runs the image of this version, on the ports of its configuration', () => {
    for (const workload of workloads) {
      const { image, ports } = productOf(workload)
      expect(image).toBe(`kube-state-otlp:${packageJson.version}`)
      const { server } = configOf(workload)
      expect(Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]))).toEqual({
        'http-metrics': server.port,
        telemetry: server.telemetryPort,
      })
    }
  })

  it('grants each ServiceAccount what its configuration needs and nothing else', () => {
    const granted = workloads.map((workload) => rightsOf(rolesOf(objects, accountOf(workload))))
    const needed = workloads.map((workload) => {
      const config = configOf(workload)
      const { selection, otlp } = config
      const readsClusterId = otlp.instanceId === undefined
      const needs = { selection, readsClusterId, ...coordinationRights(config, namespace) }
      return rightsOf(createRbac({ ...needs, name: 'x', account: { name: 'x', namespace } }))
    })
    expect(granted).toEqual(needed)
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
    expect(accounts.map(({ metadata }) => metadata.name).sort()).toEqual(workloads.map(accountOf).sort())
  })
})

describe('components', () => {
  const grants = (combination: keyof typeof combinations) => rightsOf(renderCombination(combination, namespace)).join()

  it('leave secrets out, or are the base, which reads them', () => {
    expect(grants('the base')).toContain('secrets/*')
    expect(grants('without secrets')).not.toContain('secrets')
    expect(grants('namespaced')).not.toContain('secrets')
  })

  it('namespaced has no right outside its namespace', () => {
    const objects = renderCombination('namespaced', namespace)
    expect(objects.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([])
  })

  it('create, label and delete no namespace, but for the component that is for it', () => {
    const all = Object.entries(combinations) as [keyof typeof combinations, readonly string[]][]
    const creating = all.filter(([name]) => renderCombination(name, namespace).some(({ kind }) => kind === 'Namespace'))
    expect(creating).toEqual(all.filter(([, components]) => components.includes('namespace')))
    expect(creating).not.toEqual([])
  })

  it.each([...excludedPairs, ...excludedPairs.map((pair) => pair.toReversed())])('refuse %s with %s', (...pair) => {
    for (const alone of pair) expect(renderComponents([alone], namespace)).not.toEqual([])
    expect(() => renderComponents(pair, namespace)).toThrow(/already registered id|to patch/)
  })

  it('leader election changes nothing for shards, in either order', () => {
    const sharded = renderComponents(['sharded'], namespace)
    expect(renderComponents(['sharded', 'leader-election'], namespace)).toEqual(sharded)
    expect(renderComponents(['leader-election', 'sharded'], namespace)).toEqual(sharded)
  })

  it('with a sidecar push to it, whatever other endpoint is left in the kustomization', () => {
    const workloads = workloadsOf(renderCombination('everything', namespace))
    expect(workloads.map(({ kind }) => kind).sort()).toEqual(['DaemonSet', 'StatefulSet'])
    for (const workload of workloads) {
      const { env = [] } = productOf(workload)
      const given = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))
      const leftover = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector.monitoring:4317' }
      expect(accepted({ env: { ...given, ...leftover } }).config.otlp.endpoint?.url).toBe('http://localhost:4317')
    }
  })

  it('priority-class and topology-spread are for all pods and for shards', () => {
    const specs = workloadsOf(renderCombination('everything', namespace)).map(({ kind, spec }) => ({
      kind,
      ...(spec.template.spec as Pod['spec'] & Placement),
    }))
    expect(specs.map(({ priorityClassName }) => priorityClassName)).toEqual(['kube-state-otlp', 'kube-state-otlp'])
    const [spread] = specs.filter(({ topologySpreadConstraints }) => topologySpreadConstraints !== undefined)
    expect(spread?.kind).toBe('StatefulSet')
    const selectors = spread?.topologySpreadConstraints?.map(({ labelSelector }) => labelSelector.matchLabels)
    const [statefulSet] = workloadsOf(renderCombination('everything', namespace)).filter(
      ({ kind }) => kind !== 'DaemonSet',
    )
    for (const selector of selectors ?? []) expect(statefulSet?.spec.template.metadata.labels).toEqual(selector)
  })

  it('select pods and ports that exist', () => {
    const objects = renderCombination('everything', namespace)
    const labels = workloadsOf(objects).map(({ spec }) => spec.template.metadata.labels)
    const ports = ['http-metrics', 'telemetry']
    const text = (kind: string) => JSON.stringify(objects.find((object) => object.kind === kind)?.spec)
    for (const kind of ['ServiceMonitor', 'PodMonitor', 'NetworkPolicy']) {
      expect([...new Set(text(kind).match(/(?<="port":")[^"]+/g))]).toEqual(ports)
      const selector = JSON.parse(/(?<="matchLabels":)\{[^}]*\}/.exec(text(kind))?.[0] ?? '{}') as object
      for (const each of labels) expect(each).toMatchObject(selector)
    }
    const budget = JSON.parse(text('PodDisruptionBudget')) as { selector: { matchLabels: object } }
    expect(labels.filter((each) => JSON.stringify(each) === JSON.stringify(budget.selector.matchLabels))).toHaveLength(
      1,
    )
  })

  it('every Deployment elects a leader, also of one replica, and surges; leader-election runs two replicas', () => {
    for (const [name, components] of Object.entries(combinations) as [keyof typeof combinations, readonly string[]][]) {
      const deployments = workloadsOf(renderCombination(name, namespace)).filter(({ kind }) => kind === 'Deployment')
      for (const deployment of deployments) {
        const { replicas, strategy } = deployment.spec as Workload['spec'] & { strategy: { type: string } }
        expect(configOf(deployment).leaderElection.enabled).toBe(true)
        expect([replicas, strategy.type]).toEqual([components.includes('leader-election') ? 2 : 1, 'RollingUpdate'])
      }
    }
  })

  it('prometheus-rule and dashboards are the alerts and dashboards of the project', () => {
    const objects = renderCombination('with alerts and dashboards', namespace)
    const [rule] = objects.filter(({ kind }) => kind === 'PrometheusRule')
    expect(rule?.spec).toEqual(parse(readFileSync('alerts/kube-state-otlp.yaml', 'utf8')))
    const data = objects.flatMap(({ metadata, data }) => {
      const { labels } = metadata as { labels?: Record<string, string> }
      return labels?.grafana_dashboard === '1' ? Object.entries(data as Record<string, string>) : []
    })
    const files = readdirSync('dashboards')
    expect(Object.fromEntries(data)).toEqual(
      Object.fromEntries(files.map((file) => [file, readFileSync(`dashboards/${file}`, 'utf8')])),
    )
    expect(files.length).toBeGreaterThan(1)
  })

  it('sharded follows its own StatefulSet, with a Lease for each shard', () => {
    const [workload] = workloadsOf(renderCombination('sharded', namespace)) as [Workload]
    expect(workload.kind).toBe('StatefulSet')
    const { selection, leaderElection } = configOf(workload)
    expect(selection.pod).toEqual({ namespace, statefulSet: workload.metadata.name, ordinal: 1 })
    expect(leaderElection).toMatchObject({ enabled: true, namespace, leaseName: 'kube-state-otlp-shard-1' })
  })

  it.each(['per node', 'sharded and per node'] as const)('%s reads every pod once and all else once', (combination) => {
    const configs = workloadsOf(renderCombination(combination, namespace)).map(
      (workload) => configOf(workload).selection,
    )
    const [whole, pods] = configs[0]?.node === undefined ? configs : configs.toReversed()
    expect(configs).toHaveLength(2)
    expect(whole).toMatchObject({ trackUnscheduledPods: true, resources: undefined, node: undefined })
    expect(pods).toMatchObject({ trackUnscheduledPods: false, resources: ['pods'], node, shard: 0, totalShards: 1 })
  })

  it('per node has pods like those of the base, with a ServiceAccount that can read pods alone', () => {
    const objects = renderCombination('per node', namespace)
    const specs = workloadsOf(objects).map((workload) => {
      const { env: _, resources: __, ...container } = productOf(workload) as Container & { resources: object }
      const {
        tolerations: ___,
        serviceAccountName: ____,
        ...spec
      } = workload.spec.template.spec as Pod['spec'] & {
        tolerations?: object
      }
      return { ...spec, containers: [container] }
    })
    expect(specs[1]).toEqual(specs[0])
    expect(rightsOf(rolesOf(objects, 'kube-state-otlp-node'))).toEqual([
      '*  namespaces/kube-system get',
      '*  pods/* list',
      '*  pods/* watch',
    ])
  })
})

describe('the schemas', () => {
  const [deployment] = workloadsOf(renderCombination('the base', namespace)) as [Workload]

  it.each([
    [
      'an unknown field',
      { ...deployment, spec: { ...deployment.spec, replica: 1 } },
      'must NOT have additional properties',
    ],
    ['a wrong type', { ...deployment, spec: { ...deployment.spec, replicas: '1' } }, 'must be integer'],
    [
      'a missing field',
      { ...deployment, spec: { template: deployment.spec.template } },
      "must have required property 'selector'",
    ],
    ['an unknown kind', { ...deployment, kind: 'Deploiment' }, 'no schema'],
  ])('refuse %s', (_, object, problem) => {
    expect(problemsOf(object).join()).toContain(problem)
  })
})

describe('the rendering', () => {
  it.each([
    ['a field that it does not know', { resources: ['../base'], images: [] }, /cannot render images/],
    [
      'a patch of nothing',
      { resources: ['../base'], patches: [{ patch: '{kind: X, metadata: {name: y}}' }] },
      /no X y to patch/,
    ],
    [
      'a patch that does not name the namespace of its object',
      { resources: ['../base'], patches: [{ patch: '{kind: Deployment, metadata: {name: kube-state-otlp}}' }] },
      /no Deployment kube-state-otlp to patch/,
    ],
  ])('refuses %s', (_, kustomization, problem) => {
    expect(() => render(kustomization, 'deploy/kustomize/combined')).toThrow(problem)
  })
})
