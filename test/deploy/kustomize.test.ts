/**
 * What deploy/kustomize renders to, for every combination of components that is meant to be used: objects that the API
 * server's own schemas accept, configuration that the product accepts, and exactly the rights that it needs.
 */

import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import type { PolicyRule } from '../../src/inspect/rbac.ts'
import { createRbac } from '../../src/inspect/rbac.ts'
import { accepted } from '../config/inputs.ts'
import { combinations, renderCombination } from './combinations.ts'
import type { Manifest } from './kustomize.ts'
import { render } from './kustomize.ts'
import type { KindSchemas } from './openapi.ts'

const namespace = 'monitoring'
const node = 'node-1'

const { kinds, $defs } = parse(readFileSync('test/deploy/kubernetes-schemas.yaml', 'utf8')) as KindSchemas
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true }).addSchema({ $id: 'kubernetes', $defs })

function problemsOf(object: Manifest): readonly string[] {
  const name = kinds[`${object.apiVersion}/${object.kind}`]
  if (name === undefined) return [`no schema of ${object.apiVersion}/${object.kind}`]
  if (ajv.validate(`kubernetes#/$defs/${name}`, object)) return []
  return (ajv.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

interface EnvironmentVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly EnvironmentVariable[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] }
}

interface Workload extends Manifest {
  readonly spec: { readonly replicas?: number; readonly template: Pod }
}

interface Binding extends Manifest {
  readonly roleRef: { readonly kind: string; readonly name: string }
  readonly subjects: readonly object[]
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
const workloadsOf = (objects: readonly Manifest[]) =>
  objects.filter(({ kind }) => workloadKinds.has(kind)) as Workload[]
const podFields: Readonly<Record<string, string>> = {
  'metadata.namespace': namespace,
  'spec.nodeName': node,
  "metadata.labels['apps.kubernetes.io/pod-index']": '1',
}

function productOf({ spec }: Workload): Container {
  const [product, ...others] = spec.template.spec.containers
  expect(others).toEqual([])
  expect(product?.name).toBe('kube-state-otlp')
  return product as Container
}

/** The configuration as the container would see it, with nothing said against any variable. */
function configOf(workload: Workload) {
  const { env = [] } = productOf(workload)
  const values = env.map(({ name, value, valueFrom }) => [
    name,
    value ?? podFields[valueFrom?.fieldRef.fieldPath ?? ''],
  ])
  const loaded = accepted({ env: Object.fromEntries(values) })
  expect(loaded.notices).toEqual([])
  return loaded.config
}

/** One line for each right: `namespace/group/resource verb`. */
function rightsOf(
  objects: readonly { readonly metadata: { readonly namespace?: string }; readonly rules?: unknown }[],
) {
  const lines = objects.flatMap(({ metadata, rules = [] }) =>
    (rules as readonly PolicyRule[]).flatMap(({ apiGroups, resources, verbs, resourceNames = ['*'] }) =>
      resources.flatMap((name) =>
        verbs.flatMap((verb) =>
          resourceNames.map((object) => `${metadata.namespace ?? '*'} ${apiGroups} ${name}/${object} ${verb}`),
        ),
      ),
    ),
  )
  return [...new Set(lines)].sort()
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
      else if (!kind.startsWith('Cluster')) expect(metadata.namespace).toBe(namespace)
    }
  })

  it('refers to what is there', () => {
    const has = (kind: string, name: string) =>
      objects.some((object) => object.kind === kind && object.metadata.name === name)
    for (const { kind, roleRef, subjects } of objects as Binding[]) {
      if (!kind.endsWith('RoleBinding')) continue
      expect(has(roleRef.kind, roleRef.name)).toBe(true)
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'kube-state-otlp', namespace }])
    }
    for (const { spec } of workloads) {
      expect(has('ServiceAccount', spec.template.spec.serviceAccountName)).toBe(true)
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

  it('grants what its configuration needs and nothing else', () => {
    const needed = workloads.flatMap((workload) => {
      const { selection, otlp } = configOf(workload)
      const readsClusterId = otlp.instanceId === undefined
      return createRbac({ selection, name: 'x', account: { name: 'x', namespace }, readsClusterId })
    })
    expect(rightsOf(objects)).toEqual(rightsOf(needed))
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
    expect(renderCombination('namespaced', namespace).filter(({ kind }) => /^Cluster|^Namespace/.test(kind))).toEqual(
      [],
    )
  })

  it('sharded has as many pods as parts', () => {
    const [workload] = workloadsOf(renderCombination('sharded', namespace)) as [Workload]
    expect(workload.kind).toBe('StatefulSet')
    expect(configOf(workload).selection).toMatchObject({ shard: 1, totalShards: workload.spec.replicas })
  })

  it('per node reads every pod once and all else once', () => {
    const [a, b] = workloadsOf(renderCombination('per node', namespace)).map((workload) => configOf(workload).selection)
    const [whole, pods] = a?.node === undefined ? [a, b] : [b, a]
    expect(whole).toMatchObject({ trackUnscheduledPods: true, resources: undefined, node: undefined })
    expect(pods).toMatchObject({ trackUnscheduledPods: false, resources: ['pods'], node })
  })

  it('per node has pods like those of the base', () => {
    const specs = workloadsOf(renderCombination('per node', namespace)).map((workload) => {
      const { env: _, resources: __, ...container } = productOf(workload) as Container & { resources: object }
      const { tolerations: ___, ...spec } = workload.spec.template.spec as Pod['spec'] & { tolerations?: object }
      return { ...spec, containers: [container] }
    })
    expect(specs[1]).toEqual(specs[0])
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
  ])('refuses %s', (_, kustomization, problem) => {
    expect(() => render(kustomization, 'deploy/kustomize/combined')).toThrow(problem)
  })
})
