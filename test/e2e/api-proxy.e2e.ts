/** The real API server through a CONNECT proxy, and behind reverse proxies. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import { startConnectProxy } from '../simulator/connect-proxy.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { corpusOf, storeAll } from './corpus.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import { renderLists, steadyLines } from './rendered-lists.ts'
import { startReverseProxy } from './reverse-proxy.ts'

const selected = resources.filter(({ plural }) => ['deployments', 'services', 'configmaps'].includes(plural))
const selection = [`--resources=${selected.map(({ plural }) => plural).join(',')}`]
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-proxies-'))
let server: ApiServer

beforeAll(async () => {
  server = await startApiServer()
  for (const resource of selected) await storeAll(server, resource, corpusOf(resource))
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function startProduct(flags: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const own = ['--host=127.0.0.1', '--telemetry-host=127.0.0.1', `--port=${port}`, `--telemetry-port=${telemetryPort}`]
  const command = [process.execPath, 'src/main.ts', ...selection, ...own, ...flags]
  const peer = startPeer(`product-${port}`, command, folder, { ...process.env, ...env })
  onTestFinished(() => peer.stop('SIGKILL'))
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  const read = async (from: number) => (await fetch(`http://127.0.0.1:${from}/metrics`)).text()
  return { page: () => read(port), selfMetrics: () => read(telemetryPort) }
}

async function expectLists({ page }: { page(): Promise<string> }): Promise<void> {
  await waitFor('the page of the lists', async () => {
    const [shown, rendered] = [await page(), await renderLists(server, selected, selection)].map(steadyLines)
    return JSON.stringify(shown) === JSON.stringify(rendered) ? true : undefined
  })
}

const restarted = /^kube_state_otlp_watch_restarts_total\{.*reason="silent".*\} [1-9]/m
const pagedLists = /^kube_state_metrics_list_total\{.*result="success".*\} [1-9]/m

const addConfigMap = (name: string) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: name } }
  return server.store(`/registry/configmaps/default/${name}`, object)
}

test('through a CONNECT proxy of HTTPS_PROXY the page is that of the lists, and follows changes', async () => {
  const proxy = await startConnectProxy()
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '' }
  // Loopback addresses are reached directly, so the API server has another name here.
  const kubeconfig = JSON.parse(readFileSync(server.kubeconfig, 'utf8'))
  const [{ cluster }] = kubeconfig.clusters
  const { port } = new URL(cluster.server)
  cluster['tls-server-name'] = '127.0.0.1'
  cluster.server = `https://api.example:${port}`
  const path = join(folder, 'connect.kubeconfig')
  writeFileSync(path, JSON.stringify(kubeconfig))
  const product = await startProduct([`--kubeconfig=${path}`], env)
  await expectLists(product)
  await addConfigMap('through-the-proxy')
  await waitFor('a new object', async () => ((await product.page()).includes('through-the-proxy') ? true : undefined))
  expect(proxy.requests.map(({ target }) => target)).toContain(`api.example:${port}`)
})

test('behind a reverse proxy that ends TLS, lists are streamed, and changes arrive at once', async () => {
  const proxy = await startReverseProxy(server, { bufferBytes: 0 })
  onTestFinished(() => proxy.close())
  const product = await startProduct([`--kubeconfig=${proxy.kubeconfig}`])
  await expectLists(product)
  await addConfigMap('behind-tls')
  await waitFor('a new object', async () => ((await product.page()).includes('behind-tls') ? true : undefined))
  expect(await product.selfMetrics()).not.toMatch(restarted)
  expect(await product.selfMetrics()).not.toMatch(pagedLists)
})

test('behind a reverse proxy that buffers, lists are read in pages, and changes arrive when the silent watch is restarted', async () => {
  const proxy = await startReverseProxy(server, { bufferBytes: 1_000_000 })
  onTestFinished(() => proxy.close())
  const product = await startProduct([`--kubeconfig=${proxy.kubeconfig}`, '--kubernetes-silent-timeout=5s'])
  await expectLists(product)
  expect(await product.selfMetrics()).toMatch(pagedLists)
  await addConfigMap('behind-a-buffer')
  await waitFor('a new object', async () => ((await product.page()).includes('behind-a-buffer') ? true : undefined))
  await server.remove('/registry/configmaps/default/behind-a-buffer')
  await waitFor('its end', async () => ((await product.page()).includes('behind-a-buffer') ? undefined : true))
})
