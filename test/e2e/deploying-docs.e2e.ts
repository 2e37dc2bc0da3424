/**
 * docs/deploying.md as it stands: each kustomization of the page is applied to the real API server by the commands below it,
 * becomes available, and is deleted again without a trace and without touching what was there before.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { Manifest } from '../deploy/kustomize.ts'
import { installCustomKinds } from './custom-kinds.ts'
import type { Workload } from './deployed-product.ts'
import { createKubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-documented-'))
const kubectl = process.env.KUBECTL ?? 'kubectl'
const node = 'documented-node'

interface Example {
  readonly name: string
  readonly kustomization: string
  readonly commands: readonly (readonly string[])[]
}

/** The kustomizations of the page, each with the kubectl commands that follow it before the next one. */
function readExamples(page: string): Example[] {
  const [, ...parts] = page.split(/^```yaml\n# (?=[\w-]+\/kustomization\.yaml\n)/m)
  return parts.map((part) => {
    const [file = '', ...rest] = part.split('\n')
    const [kustomization = '', after = ''] = rest.join('\n').split(/^```\n/m)
    const commands = [...after.matchAll(/^ {4}kubectl (.*)$/gm)].map(([, words = '']) => words.split(' '))
    return { name: file.split('/')[0] ?? '', kustomization, commands }
  })
}

const examples = readExamples(readFileSync('docs/deploying.md', 'utf8'))
const namespaceOf = ({ kustomization }: Example) => (parse(kustomization) as { namespace: string }).namespace
const componentsOf = ({ kustomization }: Example) =>
  (parse(kustomization) as { components?: string[] }).components ?? []
const isCreatedBefore = ({ commands }: Example) => commands[0]?.[0] === 'create'

const run = (...words: string[]) =>
  execFileSync(kubectl, words, {
    cwd: folder,
    env: { ...process.env, KUBECONFIG: facts.kubeconfig },
    encoding: 'utf8',
    stdio: 'pipe',
    timeout: 300_000,
  })

function workloadsOf({ name }: Example): Workload[] {
  const objects = parseAllDocuments(run('kustomize', name)).map((document) => document.toJS() as Manifest)
  return objects.filter(({ kind }) => /^(Deployment|StatefulSet|DaemonSet)$/.test(kind)) as unknown as Workload[]
}

async function namespaceLabels(name: string): Promise<Record<string, string> | undefined> {
  const { status, body } = await client.get(`/api/v1/namespaces/${name}`)
  return status === 404 ? undefined : (body as { metadata: { labels: Record<string, string> } }).metadata.labels
}

function expectedEndpoint(example: Example): object {
  const components = componentsOf(example).join()
  if (components.includes('monitor')) return {}
  return components.includes('sidecar-collector')
    ? { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://localhost:4317' }
    : { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector.monitoring:4317' }
}

beforeAll(async () => {
  await installCustomKinds(client)
  cpSync('deploy', join(folder, 'deploy'), { recursive: true })
  for (const { name, kustomization } of examples) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'kustomization.yaml'), kustomization)
  }
  const metadata = { name: node, labels: { 'kubernetes.io/os': 'linux' } }
  await client.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata })
  await waitFor(
    'no namespace of an earlier test',
    async () => (await namespaceLabels('kube-state-otlp')) === undefined || undefined,
  )
})

afterAll(async () => {
  for (const example of examples) await client.delete(`/api/v1/namespaces/${namespaceOf(example)}`)
  await client.delete(`/api/v1/nodes/${node}`)
  client.close()
})

it('the page has an example of every component, of two alternatives one', () => {
  const names = examples.flatMap(componentsOf).map((path) => path.split('/').at(-1))
  const components = execFileSync('ls', ['deploy/kustomize/components'], { encoding: 'utf8' }).trim().split('\n')
  expect([...new Set([...names, 'pod-monitor'])].sort()).toEqual(components)
})

describe.each(examples)('$name', (example) => {
  const namespace = namespaceOf(example)

  it('becomes available by the commands of the page', () => {
    expect(example.commands.map(([verb]) => verb)).toContain('apply')
    expect(example.commands.at(-1)).toContain('status')
    for (const command of example.commands) run(...command)
  })

  it('runs the image and pushes to the endpoint that the kustomization names, if any', () => {
    const workloads = workloadsOf(example)
    expect(workloads.length).toBeGreaterThan(0)
    for (const { spec } of workloads) {
      const [{ image, envFrom, env = [] }] = spec.template.spec.containers
      expect(image).toBe('example/kube-state-otlp:0.1.0')
      const [reference] = envFrom ?? []
      const settings = run(
        '-n',
        namespace,
        'get',
        'configmap',
        '--ignore-not-found',
        '-o',
        'jsonpath={.data}',
        reference?.configMapRef.name ?? '',
      )
      const given = {
        ...(JSON.parse(settings || '{}') as object),
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      }
      expect(given).toMatchObject(expectedEndpoint(example))
    }
  })

  it('labels only a namespace of its own', async () => {
    const labels = await namespaceLabels(namespace)
    const enforced = labels?.['pod-security.kubernetes.io/enforce']
    expect(enforced).toBe(isCreatedBefore(example) ? undefined : 'restricted')
  })

  it('is deleted with a namespace of its own, and leaves any other', async () => {
    run('delete', '-k', example.name)
    expect((await namespaceLabels(namespace)) !== undefined).toBe(isCreatedBefore(example))
    const left = run(
      'get',
      'clusterroles,clusterrolebindings',
      '-l',
      'app.kubernetes.io/name=kube-state-otlp',
      '-o',
      'name',
    )
    expect(left).toBe('')
  })
})

it('a tenant with the rights of an admin of the namespace can apply what is for tenants', async () => {
  const [tenant] = examples.filter((example) => componentsOf(example).join().includes('namespaced')) as [Example]
  const namespace = namespaceOf(tenant)
  run('-n', namespace, 'create', 'rolebinding', 'tenant-admin', '--clusterrole=admin', '--user=tenant')
  run('apply', '-k', tenant.name, '--as=tenant')
  expect(() => run('apply', '-k', 'shared-namespace', '--as=tenant')).toThrow(/forbidden/)
  run('delete', '-k', tenant.name, '--as=tenant')
})
