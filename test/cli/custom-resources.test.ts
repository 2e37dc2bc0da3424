/** Rules for custom resources on the command line: `render --explain`, messages of `render`, and `rbac`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { runWithin } from './program.ts'

const files: Readonly<Record<string, string>> = {
  'definition.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: oxen.farm.example}
spec: {group: farm.example, scope: Cluster, names: {kind: Ox, plural: oxen}, versions: [{name: v1, served: true}]}
`,
  'ox.yaml': 'apiVersion: farm.example/v1\nkind: Ox\nmetadata: {name: max}\nspec: {kilos: 700, horns: [long, 2]}\n',
  'rules.yaml': `
spec:
  resources:
    - groupVersionKind: {group: farm.example, version: v1, kind: Ox}
      labelsFromPath: {ox: [metadata, name]}
      metrics:
        - {name: kilos, help: Weight, each: {type: Gauge, gauge: {path: [spec, kilos]}}}
        - {name: horns, help: Horns, each: {type: Gauge, gauge: {path: [spec, horns]}}}
        - {name: age, help: Age, each: {type: Gauge, gauge: {path: [spec, years, full]}}}
    - groupVersionKind: {group: farm.example, version: v1, kind: Fox}
      metrics: [{name: cunning, help: Cunning, each: {type: Gauge, gauge: {path: [spec, n]}}}]
    - groupVersionKind: {group: sea.example, version: v1, kind: "*"}
      metrics: [{name: depth, help: Depth, each: {type: Gauge, gauge: {path: [spec, n]}}}]
`,
  'config-maps.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {namespace: barn, name: oxen, labels: {rules: "yes"}}
data:
  kilos.yaml: |
    spec:
      resources:
        - groupVersionKind: {group: farm.example, version: v1, kind: Ox}
          metrics: [{name: mass, help: Weight, each: {type: Gauge, gauge: {path: [spec, kilos]}}}]
  broken.yaml: 'spec: {resource: []}'
---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: barn, name: other}
data: {kilos.yaml: 'no rules'}
`,
  'monitor.yaml': `
apiVersion: resource-state-metrics.instrumentation.k8s-sigs.io/v1alpha1
kind: ResourceMetricsMonitor
metadata: {namespace: barn, name: oxen}
spec:
  configuration:
    stores:
      - group: farm.example
        version: v1
        kind: Ox
        resource: oxen
        resolver: unstructured
        families:
          - {name: ox_mass, help: Weight, metrics: [{value: spec.kilos}, {value: spec.none}]}
          - {name: ox_horns, help: Horns, resolver: cel, metrics: [{value: size(o.spec.horns)}]}
          - {name: ox_age, help: Age, starlark: {script: x}}
`,
  'typo.yaml': 'spec:\n  resources:\n    - {groupVersionKind: {group: a, kind: A}, metric: []}\n',
}

let folder: string
const at = (name: string) => join(folder, name)
const rules = () => `--custom-resource-state-config-file=${at('rules.yaml')}`

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('render', () => {
  test('reads a kind with or without its definition', async () => {
    const series =
      'kube_customresource_kilos{customresource_group="farm.example",customresource_kind="Ox",customresource_version="v1",ox="max"} 700'
    for (const manifests of [['definition.yaml', 'ox.yaml'], ['ox.yaml']]) {
      const named = manifests.flatMap((name) => ['-f', at(name)])
      const { stdout, stderr } = await runWithin(['render', rules(), ...named])
      expect([stdout.split('\n').includes(series), stderr]).toEqual([true, ''])
    }
  })

  test('selects objects as an API server would', async () => {
    const selecting = (selectors: string) =>
      `--custom-resource-state-config=spec: {resources: [{groupVersionKind: {group: farm.example, version: v1, kind: Ox}, ${selectors}, metrics: [{name: kilos, help: W, each: {type: Gauge, gauge: {path: [spec, kilos]}}}]}]}`
    const samples = async (selectors: string) => {
      const { stdout } = await runWithin(['render', selecting(selectors), '-f', at('ox.yaml')])
      return stdout.split('\n').filter((line) => /^kube_customresource/.test(line)).length
    }
    expect(await samples('labelSelector: "!farm"')).toBe(1)
    expect(await samples('labelSelector: farm=north')).toBe(0)
    expect(await samples('fieldSelector: spec.kilos=700')).toBe(1)
    expect(await samples('fieldSelector: metadata.name!=max')).toBe(0)
    const { stderr } = await runWithin(['render', selecting('labelSelector: "a in b"'), '-f', at('ox.yaml')])
    expect(stderr).toContain('Ox: labelSelector: expected label requirements such as')
  })

  test('--explain says for each rule what it found', async () => {
    const { code, stdout } = await runWithin([
      'render',
      '--explain',
      rules(),
      '-f',
      at('definition.yaml'),
      '-f',
      at('ox.yaml'),
    ])
    expect(code).toBe(0)
    expect(stdout.replaceAll(at('rules.yaml'), 'rules.yaml')).toBe(`Ox/kube_customresource_kilos (rules.yaml:7)
  kinds: farm.example/v1 Ox
  objects: 1, series: 1, objects without the path: 0, errors: 0
Ox/kube_customresource_horns (rules.yaml:8)
  kinds: farm.example/v1 Ox
  objects: 1, series: 1, objects without the path: 0, errors: 1
  last error: max at [spec, horns, 0]: expected a number, a boolean, a time, a quantity or a percentage, got "long"
Ox/kube_customresource_age (rules.yaml:9)
  kinds: farm.example/v1 Ox
  objects: 1, series: 0, objects without the path: 1, errors: 0
  nothing found: max at [spec, years, full]: no "years" in [spec], which has kilos, horns
Fox/kube_customresource_cunning (rules.yaml:11)
  kinds: none; the API serves no farm.example/v1 Fox
  objects: 0, series: 0, objects without the path: 0, errors: 0
*.sea.example/kube_customresource_depth (rules.yaml:13)
  kinds: none; the API serves no sea.example/v1 *
  objects: 0, series: 0, objects without the path: 0, errors: 0
`)
  })

  test('--explain counts samples that share their labels', async () => {
    const nameless =
      '--custom-resource-state-config=spec: {resources: [{groupVersionKind: {group: farm.example, version: v1, kind: Ox}, metrics: [{name: kilos, help: W, each: {type: Gauge, gauge: {path: [spec, kilos]}}}]}]}'
    const herd = ['max', 'moritz', 'lisa'].map((name) => files['ox.yaml']?.replace('max', name)).join('---\n')
    writeFileSync(at('herd.yaml'), herd)
    const { stdout } = await runWithin(['render', '--explain', nameless, '-f', at('herd.yaml')])
    expect(stdout).toContain(
      '  samples with the labels of another: 2; receivers keep one of them: add a label such as the name',
    )
  })

  test('takes rules of ConfigMaps as the running program does', async () => {
    const selector = '--custom-resource-state-config-map-selector=rules=yes'
    const args = [selector, '--custom-resource-state-only', '-f', at('config-maps.yaml'), '-f', at('ox.yaml')]
    const { stdout, stderr } = await runWithin(['render', ...args])
    expect(stdout).toContain('kube_customresource_mass{')
    expect(stderr).toContain('barn/oxen/broken.yaml:1:8: unknown key resource in spec')
    expect(stderr).toContain('v1 ConfigMap: 1 object ignored')
    const explained = await runWithin(['render', '--explain', ...args])
    expect(explained.stdout).toContain('Ox/kube_customresource_mass (barn/oxen/kilos.yaml:4)')
    const elsewhere = await runWithin(['render', ...args, '--custom-resource-state-config-map-namespaces=shop'])
    expect(elsewhere.stdout).toBe('')
  })

  test('takes rules of ResourceMetricsMonitors, in files and among the objects', async () => {
    const series = (name: string, value: number) =>
      `kube_customresource_ox_${name}{group="farm.example",kind="Ox",name="max",version="v1"} ${value}`
    const file = [`--custom-resource-state-config-file=${at('monitor.yaml')}`, '-f', at('ox.yaml')]
    const live = ['--resource-metrics-monitors', '-f', at('monitor.yaml'), '-f', at('ox.yaml')]
    for (const [args, source] of [
      [file, `${at('monitor.yaml')}:16`],
      [live, 'ResourceMetricsMonitor barn/oxen:28'],
    ] as const) {
      const { stdout, stderr } = await runWithin(['render', ...args])
      expect(stdout.split('\n').filter((line) => line.startsWith('kube_'))).toEqual([
        series('mass', 700),
        series('horns', 2),
      ])
      expect(stderr).toMatch(/Ox\/ox_age: starlark: scripts are not run; .*: this family is left out\n$/)
      expect(stderr).toContain(source)
    }
    const { stdout } = await runWithin(['render', '--explain', ...live])
    expect(stdout).toMatch(/Ox\/kube_customresource_ox_mass \(ResourceMetricsMonitor barn\/oxen:\d+\)/)
    expect(stdout).toContain('  nothing found: max at [spec, none]: no "none" in [spec], which has kilos, horns')
  })

  test('names what is wrong with the rules by line and column', async () => {
    const { stderr } = await runWithin([
      'render',
      `--custom-resource-state-config-file=${at('typo.yaml')}`,
      '-f',
      at('ox.yaml'),
    ])
    expect(stderr).toContain(`${at('typo.yaml')}:3:47: A: unknown key metric in resource A; did you mean metrics?`)
  })
})

describe('rbac', () => {
  interface Role {
    readonly kind: string
    readonly metadata: { readonly namespace?: string }
    readonly rules?: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[]
  }

  async function rightsOf(...args: string[]) {
    const { stdout, stderr } = await runWithin(['rbac', rules(), '--custom-resource-state-only', ...args])
    const roles = parseAllDocuments(stdout).map((document) => document.toJS() as Role)
    const rights = roles.flatMap(({ kind, metadata, rules: found = [] }) =>
      found.map(({ apiGroups, resources }) => `${kind} ${metadata.namespace ?? '*'} ${apiGroups}/${resources}`),
    )
    return { rights, stderr }
  }

  test('grants access to the kinds of the rules and to their definitions', async () => {
    const { rights, stderr } = await rightsOf('-f', at('definition.yaml'))
    expect(rights).toEqual([
      'ClusterRole * farm.example/foxes,oxen',
      'ClusterRole * sea.example/*',
      'ClusterRole * /namespaces',
      'ClusterRole * apiextensions.k8s.io/customresourcedefinitions',
    ])
    expect(stderr).toBe(
      'kube-state-otlp: foxes.farm.example: a guess from the kind; set resourcePlural, or give its definition by -f, to be sure\n',
    )
  })

  test('grants access to ConfigMaps that hold rules, and to the kinds of their rules', async () => {
    const selector = '--custom-resource-state-config-map-selector=rules=yes'
    const known = await rightsOf(selector, '-f', at('config-maps.yaml'), '-f', at('definition.yaml'))
    expect(known.rights).toEqual([
      'ClusterRole * /configmaps',
      'ClusterRole * farm.example/foxes,oxen',
      'ClusterRole * sea.example/*',
      'ClusterRole * /namespaces',
      'ClusterRole * apiextensions.k8s.io/customresourcedefinitions',
    ])
    expect(known.stderr).not.toContain('give these objects by -f')
    const inNamespaces = await rightsOf(selector, '--custom-resource-state-config-map-namespaces=barn')
    expect(inNamespaces.rights).toContain('Role barn /configmaps')
    expect(inNamespaces.stderr).toContain('give these objects by -f')
    const { stdout } = await runWithin(['rbac', '--resources=configmaps,pods', selector])
    expect(stdout.match(/- configmaps/g)).toHaveLength(1)
  })

  test('grants access to ResourceMetricsMonitors, and to the kinds of their rules', async () => {
    const monitors = '--resource-metrics-monitors'
    const read = 'resource-state-metrics.instrumentation.k8s-sigs.io/resourcemetricsmonitors'
    const { stdout, stderr } = await runWithin([
      'rbac',
      monitors,
      '--custom-resource-state-only',
      '-f',
      at('monitor.yaml'),
    ])
    const { rights } = await rightsOf(monitors, '--resource-metrics-monitor-namespaces=barn')
    expect(rights).toContain(`Role barn ${read}`)
    expect(stdout).toMatch(/- oxen\n/)
    expect(stdout).toContain('- resourcemetricsmonitors\n')
    expect(stdout).toContain('- customresourcedefinitions\n')
    expect(stderr).not.toContain('give these objects by -f')
  })

  test('takes no plural from objects whose definition is not given', async () => {
    const { stdout, stderr } = await runWithin([
      ...['rbac', '--custom-resource-state-only', '--resource-metrics-monitors'],
      ...['-f', at('monitor.yaml'), '-f', at('ox.yaml')],
    ])
    expect(stdout).toMatch(/farm.example\n +resources:\n +- oxen\n/)
    expect(stderr).not.toContain('a guess')
    const guessed = await rightsOf('-f', at('ox.yaml'))
    expect(guessed.stderr).toContain('oxes.farm.example: a guess from the kind')
  })

  test('knows plural name and scope of built-in kinds', async () => {
    const kindRules = (group: string, version: string, kind: string) =>
      `{groupVersionKind: {group: "${group}", version: ${version}, kind: ${kind}}, metrics: []}`
    const text = `spec: {resources: [${kindRules('', 'v1', 'Node')}, ${kindRules('discovery.k8s.io', '"*"', 'EndpointSlice')}]}`
    const { rights, stderr } = await rightsOf('--namespaces=barn', `--custom-resource-state-config=${text}`)
    expect(rights).toContain('ClusterRole * /nodes')
    expect(rights).toContain('Role barn discovery.k8s.io/endpointslices')
    expect(stderr).not.toContain('a guess')
  })

  test('grants kinds of namespaces in these alone', async () => {
    const { rights } = await rightsOf('-f', at('definition.yaml'), '--namespaces=barn')
    expect(rights).toContain('Role barn farm.example/foxes')
    expect(rights).toContain('ClusterRole * farm.example/oxen')
  })
})
