/** The command `cardinality`: of files, of a cluster, of a running instance, and what another configuration would cost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { endWorld, startProgram, startWorld } from '../runtime/world.ts'
import { runWithin } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-cardinality-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(endWorld)

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const configMap = (name: string, namespace: string, second: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, uid: `uid-${name}`, creationTimestamp: `1970-01-01T00:00:0${second}Z` },
})
const objects = [configMap('a', 'here', 7), configMap('b', 'here', 8), configMap('c', 'there', 9)]
const file = write('objects.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
const flags = ['--resources=configmaps', '--metric-allowlist=^kube_configmap_(info|created)$']
const run = (...args: string[]) => runWithin(['cardinality', ...args])

test('of files: a table each for resources, families, labels and namespaces', async () => {
  const { code, stdout, stderr } = await run('-f', file, ...flags)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    "6 series of 3 objects: 335 B on /metrics, 196 B in memory

    RESOURCE    OBJECTS  SERIES  BYTES  MEMORY
    configmaps        3       6  335 B   196 B

    FAMILY                  RESOURCE    SERIES  BYTES
    kube_configmap_created  configmaps       3  172 B
    kube_configmap_info     configmaps       3  163 B

    LABEL      VALUES  SERIES  BYTES
    configmap       3       6   84 B
    namespace       2       6  104 B

    NAMESPACE  OBJECTS  SERIES  BYTES
    here             2       4  222 B
    there            1       2  113 B
    "
  `)
})

test('--top shortens the tables, and limits are shown', async () => {
  const { stdout } = await run('-f', file, ...flags, '--top=1', '--limits-series-per-resource=configmaps=4')
  expect(stdout).toMatchInlineSnapshot(`
    "4 series of 3 objects: 222 B on /metrics, 196 B in memory
    limit of 4 series of resource configmaps: 2 series withheld

    RESOURCE    OBJECTS  SERIES  WITHHELD  BYTES  MEMORY
    configmaps        3       4         2  222 B   196 B

    FAMILY                  RESOURCE    SERIES  WITHHELD  BYTES
    kube_configmap_created  configmaps       2         1  114 B
    and 1 more

    LABEL      VALUES  SERIES  BYTES
    configmap       2       4   56 B
    and 1 more

    NAMESPACE  OBJECTS  SERIES  WITHHELD  BYTES
    here             2       4         0  222 B
    and 1 more
    "
  `)
})

test('--against-config shows what would change', async () => {
  const other = write('other.yaml', 'metric_denylist: [kube_configmap_created]\nnamespaces: [here]\n')
  const current = write('current.yaml', 'resources: [configmaps]\nmetric_denylist: [resource_version]\n')
  const { code, stdout, stderr } = await run('-f', file, `--config=${current}`, `--against-config=${other}`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    "6 series now, 2 with the other configuration (-4, -66.7 %); 335 B on /metrics now, 108 B then

    RESOURCE    SERIES  THEN  CHANGE  BYTES   THEN
    configmaps       6     2      -4  335 B  108 B

    FAMILY                  SERIES  THEN  CHANGE  BYTES   THEN
    kube_configmap_created       3     0      -3  172 B    0 B
    kube_configmap_info          3     2      -1  163 B  108 B

    LABEL      SERIES  THEN  CHANGE  BYTES  THEN
    namespace       6     2      -4  104 B  34 B
    configmap       6     2      -4   84 B  28 B

    NAMESPACE  SERIES  THEN  CHANGE  BYTES   THEN
    here            4     2      -2  222 B  108 B
    there           2     0      -2  113 B    0 B
    "
  `)
  const json = await run('-f', file, `--config=${current}`, `--against-config=${other}`, '--format=json')
  expect(JSON.parse(json.stdout)).toMatchObject({ current: { total: { series: 6 } }, other: { total: { series: 2 } } })
})

test('custom resources are counted and limited as built-in kinds are', async () => {
  const rules = write(
    'rules.yaml',
    `spec:
  resources:
    - groupVersionKind: {group: wood.example, version: v1, kind: Tree}
      commonLabels: {park: north}
      labelsFromPath: {name: [metadata, name]}
      metrics:
        - name: height
          help: H
          each: {type: Gauge, gauge: {path: [spec, branches], labelsFromPath: {branch: [name]}, valueFrom: [length]}}
`,
  )
  const trees = ['oak', 'elm'].map((name, i) => ({
    apiVersion: 'wood.example/v1',
    kind: 'Tree',
    metadata: { name, namespace: 'hill', uid: name, creationTimestamp: `1970-01-01T00:00:0${i}Z` },
    spec: { branches: [1, 2, 3].map((length) => ({ name: `b${length}`, length })) },
  }))
  const manifests = write('trees.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: trees }))
  const given = ['-f', manifests, `--custom-resource-state-config-file=${rules}`, '--custom-resource-state-only']
  const page = (await runWithin(['render', ...given])).stdout
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(lines).toHaveLength(6)
  const { total, labels } = JSON.parse((await run(...given, '--format=json')).stdout)
  expect(total).toMatchObject({ series: 6, bytes: Buffer.byteLength(`${lines.join('\n')}\n`) })
  const values = Object.fromEntries(labels.map((cost: { label: string; values: number }) => [cost.label, cost.values]))
  expect(values).toMatchObject({ park: 1, name: 2, branch: 3, customresource_kind: 1 })

  for (const limit of [
    '--limits-series-per-resource=trees=3',
    '--limits-series-per-family=kube_customresource_height=5',
  ]) {
    const limited = (await runWithin(['render', ...given, limit])).stdout
    const left = limited.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(left.map((line) => /name="(\w+)"/.exec(line)?.[1])).toEqual(['oak', 'oak', 'oak'])
  }
})

test('of a cluster, and of a running instance, by URL or saved', async () => {
  const world = await startWorld(builtInKinds)
  for (const { metadata } of objects) world.api.objects.create('configmaps', { metadata })
  const cluster = await run(`--kubeconfig=${world.kubeconfig}`, ...flags)
  expect(cluster).toMatchObject({ code: 0, stderr: '' })
  const program = await startProgram(world, {
    resources: ['configmaps'],
    metric_allowlist: ['^kube_configmap_(info|created)$'],
  })
  const url = `http://127.0.0.1:${program.addresses?.telemetryAddress.port}`
  expect(await run(url)).toEqual(cluster)
  expect(await run(`${url}/cardinality`)).toEqual(cluster)
  const saved = write('saved.json', (await run(url, '--format=json')).stdout)
  expect(await run(saved)).toEqual(cluster)
  const response = await fetch(`${url}/cardinality`)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
})

test.each([
  ['a page that is none', ['{file}'], /objects\.json is not a document of kube-state-otlp cardinality/],
  ['two places', ['a', 'b'], /^kube-state-otlp: b: expected at most one URL/],
  ['a place and objects', ['a', '-f', '{file}'], /^kube-state-otlp: a: expected either/],
  [
    'a place and a configuration',
    ['a', '--against-config=b'],
    /^kube-state-otlp: against-config: expected with a cluster/,
  ],
  ['no such file', ['{folder}/none'], /^kube-state-otlp: cannot read .*none: no such file/],
  [
    'a wrong other configuration',
    ['-f', '{file}', '--against-config={folder}/none'],
    /^kube-state-otlp: config .*none/,
  ],
])('%s is refused', async (_, args, message) => {
  const { code, stdout, stderr } = await run(
    ...args.map((arg) => arg.replace('{file}', file).replace('{folder}', folder)),
  )
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
})
