/** Everything on the IPv6 loopback address alone: API server, product, Collector and Prometheus; then ports for both families. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { corpusOf, storeAll } from './corpus.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import { abridge, compareSeries, isEqual, objectStateQuery, parsePage, queryPrometheus } from './series.ts'

const programs = process.env.PEERS_BIN ?? ''
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-ipv6-'))
const selected = resources.filter(({ plural }) => ['deployments', 'services', 'configmaps'].includes(plural))
const at = (port: number) => `[::1]:${port}`
let server: ApiServer

beforeAll(async () => {
  server = await startApiServer({ host: '::1', flags: ['--service-cluster-ip-range=fd00:10::/108'] })
  for (const resource of selected) await storeAll(server, resource, corpusOf(resource))
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true })
})

function start(name: string, command: readonly string[]): Peer {
  const peer = startPeer(name, command, folder)
  onTestFinished(() => peer.stop('SIGKILL'))
  return peer
}

async function startProduct(host: string, flags: readonly string[]) {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const own = [`--host=${host}`, `--telemetry-host=${host}`, `--port=${port}`, `--telemetry-port=${telemetryPort}`]
  const resourceFlag = `--resources=${selected.map(({ plural }) => plural).join(',')}`
  start(`product-${port}`, [
    ...[process.execPath, 'src/main.ts', `--kubeconfig=${server.kubeconfig}`, resourceFlag],
    ...own,
    ...flags,
  ])
  await waitForUrl(`http://${at(telemetryPort)}/readyz`)
  return { port }
}

async function startReceivers() {
  const [otlp, page, prometheus] = [await freePort(), await freePort(), await freePort()]
  const receiver = { protocols: { grpc: { endpoint: at(otlp) } } }
  const exporters = {
    prometheus: { endpoint: at(page) },
    otlp_http: { endpoint: `http://${at(prometheus)}/api/v1/otlp`, tls: { insecure: true } },
  }
  const pipelines = { metrics: { receivers: ['otlp'], exporters: Object.keys(exporters) } }
  const service = { telemetry: { metrics: { level: 'none' } }, pipelines }
  const file = join(folder, 'collector.yaml')
  writeFileSync(file, JSON.stringify({ receivers: { otlp: receiver }, exporters, service }))
  writeFileSync(join(folder, 'prometheus.yml'), '{}')
  start('prometheus', [
    join(programs, 'prometheus'),
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${at(prometheus)}`,
    '--web.enable-otlp-receiver',
  ])
  await waitForUrl(`http://${at(prometheus)}/-/ready`)
  start('collector', [join(programs, 'otelcol'), '--config', file])
  await waitForUrl(`http://${at(page)}/metrics`)
  return { otlp, page, prometheus }
}

test('page, Collector and Prometheus have the same series', async () => {
  const { otlp, page, prometheus } = await startReceivers()
  const { port } = await startProduct('::1', [`--otlp-endpoint=${at(otlp)}`, '--otlp-insecure'])
  const seriesAt = async (of: number) => parsePage(await (await fetch(`http://${at(of)}/metrics`)).text())
  let last: unknown
  const count = await waitFor('equal series', async () => {
    const shown = await seriesAt(port)
    const others = [await seriesAt(page), await queryPrometheus(`http://${at(prometheus)}`, objectStateQuery)]
    const differences = others.map((other) => compareSeries(shown, other))
    last = differences.map(abridge)
    return differences.every(isEqual) ? shown.size : undefined
  }).catch((error: unknown) => expect.fail(`${error}\n${JSON.stringify(last, null, 1)}`))
  expect(count).toBeGreaterThan(100)
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow()
})

test('by default both ports answer on IPv4 and IPv6', async () => {
  const { port } = await startProduct('::', [])
  const pages = await Promise.all(
    [at(port), `127.0.0.1:${port}`].map(async (address) => (await fetch(`http://${address}/metrics`)).text()),
  )
  expect(pages[0]).toContain('kube_deployment_created')
  expect(pages[1]).toBe(pages[0])
})
