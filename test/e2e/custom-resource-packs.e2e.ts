/** The rules in config/custom-resources on a real API server with the definitions that the projects publish. */

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { goldenFolder } from '../conformance/cases.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import type { Definition } from './published-definitions.ts'
import { modules, publishedDefinitions } from './published-definitions.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

interface Example {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    name: string
    namespace?: string
    labels?: object
    annotations?: object
    deletionTimestamp?: string
  }
  readonly spec?: object
  readonly status?: object
}

let product: Peer
let page: () => Promise<string>

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-packs-'))
  const [port, telemetryPort] = await Promise.all([freePort(), freePort()])
  const command = [
    ...[process.execPath, 'bin/kube-state-otlp.js', `--kubeconfig=${facts.kubeconfig}`],
    ...['--custom-resource-state-only', '--custom-resource-state-config-file=config/custom-resources'],
    ...['--host=127.0.0.1', '--telemetry-host=127.0.0.1', `--port=${port}`, `--telemetry-port=${telemetryPort}`],
  ]
  product = startPeer('packs', command, folder)
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  page = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
})

afterAll(async () => {
  await product?.stop()
  client.close()
})

async function install(definition: Definition): Promise<void> {
  const { status, body } = await client.create(definitionsPath, definition)
  expect([201, 409], JSON.stringify(body)).toContain(status)
  const { group, versions, names } = definition.spec
  const version = versions.find(({ served }) => served)?.name
  const path = `/apis/${group}/${version}/${names.plural}`
  await waitFor(path, async () => ((await client.get(path)).status === 200 ? true : undefined))
}

/** Creates an object and, where that is a request of its own, its status. */
async function create(example: Example, definition: Definition): Promise<void> {
  const { apiVersion, kind, metadata, spec, status } = example
  const { name, namespace, labels, annotations } = metadata
  const { names, scope, versions } = definition.spec
  if (scope === 'Namespaced') await client.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const place = scope === 'Namespaced' ? `namespaces/${namespace}/${names.plural}` : names.plural
  const path = `/apis/${apiVersion}/${place}`
  const created = await client.create(path, { apiVersion, kind, metadata: { name, labels, annotations }, spec, status })
  expect(created.status, JSON.stringify(created.body)).toBe(201)
  const hasStatus = versions.find((version) => apiVersion.endsWith(`/${version.name}`))?.subresources?.status
  if (status === undefined || hasStatus === undefined) return
  // The API server may answer 404 for a moment while it sets up what a new definition serves.
  await waitFor(`the status of ${path}/${name}`, async () =>
    (await client.patch(`${path}/${name}/status`, { status })).status === 200 ? true : undefined,
  )
}

/** Names and labels of the expected samples; times that the API server sets differ. */
const isComparable = (line: string) =>
  line !== '' && !line.startsWith('#') && !/_created\{|_deletion_timestamp\{/.test(line)

describe.each(Object.keys(modules))('%s', (name) => {
  const base = join(goldenFolder, 'customresourcepacks', name)
  const examples = parseAllDocuments(readFileSync(`${base}.yaml`, 'utf8')).map((document) => document.toJS() as Example)
  const isStored = ({ metadata }: Example) => metadata.deletionTimestamp === undefined
  const removed = examples.filter((example) => !isStored(example)).map(({ metadata }) => `name="${metadata.name}"`)
  const expected = readFileSync(`${base}.prom`, 'utf8')
    .split('\n')
    .filter((line) => isComparable(line) && !removed.some((label) => line.includes(label)))

  test('its published definitions take the examples, and the rules yield what they yield offline', async () => {
    const definitions = publishedDefinitions(name)
    for (const definition of definitions) await install(definition)
    for (const example of examples.filter(isStored)) {
      const definition = definitions.find(
        ({ spec }) => spec.names.kind === example.kind && example.apiVersion.startsWith(`${spec.group}/`),
      )
      expect(definition, `${example.apiVersion} ${example.kind}`).toBeDefined()
      await create(example, definition as Definition)
    }
    let missing: string[] = expected
    await waitFor(
      name,
      async () => {
        const shown = new Set((await page()).split('\n'))
        missing = expected.filter((line) => !shown.has(line))
        return missing.length === 0 ? true : undefined
      },
      20_000,
    ).catch(() => expect(missing).toEqual([]))
  })
})
