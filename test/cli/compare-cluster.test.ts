/** `compare` with a cluster on the simulator: both pages change, and only lasting differences count. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { endWorld, startWorld } from '../runtime/world.ts'
import { runWithin } from './program.ts'

const closers: (() => void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await endWorld()
})

/** Serves one text after the other, the last one for ever. */
async function servePages(...pages: string[]): Promise<string> {
  let at = 0
  const server = createServer((_request, response) => response.end(pages[Math.min(at++, pages.length - 1)]))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

const namespaces = builtInKinds.filter(({ plural }) => plural === 'namespaces')
const pageOf = (...names: string[]) =>
  [
    '# TYPE kube_namespace_created gauge',
    ...names.map((name) => `kube_namespace_created{namespace="${name}"} 7\n`),
  ].join('\n')

async function startCluster() {
  const { api, kubeconfig } = await startWorld(namespaces)
  for (const name of ['a', 'b']) {
    api.objects.create('namespaces', { metadata: { name, creationTimestamp: '1970-01-01T00:00:07Z' } })
  }
  const flags = ['--resources=namespaces', '--metric-allowlist=^kube_namespace_created$', '--pause=0']
  const run = (...args: string[]) => runWithin(['compare', `--kubeconfig=${kubeconfig}`, ...flags, ...args])
  return { api, run }
}

test('a page that catches up is equal, one that does not differs', async () => {
  const { run } = await startCluster()
  const following = await servePages(pageOf('a', 'old'), pageOf('a', 'b'))
  expect(await run('--against', following)).toEqual({
    code: 0,
    stdout: `equal: 1 family and 2 series, here and on ${following}, after 2 readings of both\n`,
    stderr: '',
  })
  const standing = await servePages(pageOf('a', 'old'), pageOf('a', 'older', 'old'))
  const { code, stdout } = await run('--against', standing, '--retries=2')
  expect(code).toBe(1)
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    'kube_namespace_created: 1 series only there; 1 series only here',
    '  there  kube_namespace_created{namespace="old"}',
    '  here   kube_namespace_created{namespace="b"}',
    expect.stringMatching(/^1 family differs, after 3 readings of both: 1 series only there, 1 only here, /),
  ])
})

test('a cluster that does not answer is an error that names it', async () => {
  const { api, run } = await startCluster()
  await api.stop()
  const { code, stderr } = await run('--against', await servePages(pageOf('a')), '--timeout=1', '--log-level=silent')
  expect([code, stderr]).toEqual([
    2,
    'kube-state-otlp: the cluster was not read in 1 s: 0 of 1 lists complete; namespaces: connecting\n',
  ])
})
