/**
 * Every configuration in otel-collector/, unchanged: a real Collector starts with it, the product pushes to it or is scraped by
 * it, and all series of /metrics arrive at its destination.
 */

import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { deploymentObject } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import type { Difference } from './series.ts'
import { compareSeries, isEqual, objectStateQuery, parsePage, queryPrometheus } from './series.ts'

const facts = inject('cluster')
const local = (port: number) => `127.0.0.1:${port}`

interface Ports {
  readonly prometheus: number
  readonly health: number
  readonly otlp: number
  readonly page: number
  readonly metrics: number
  readonly telemetry: number
}

async function takePorts(): Promise<Ports> {
  const [prometheus = 0, health = 0, otlp = 0, page = 0, metrics = 0, telemetry = 0] = await Promise.all(
    Array.from({ length: 6 }, freePort),
  )
  return { prometheus, health, otlp, page, metrics, telemetry }
}

const readPage = async (port: number) => parsePage(await (await fetch(`http://${local(port)}/metrics`)).text())
const fromPrometheus = ({ prometheus }: Ports) => queryPrometheus(`http://${local(prometheus)}`, objectStateQuery)
const fromPage = ({ page }: Ports) => readPage(page)

/** For each file: whether the product pushes to the Collector, and where the series arrive. */
const configurations = {
  'prometheus-exporter.yaml': { isPushedTo: true, arrived: fromPage },
  'prometheus-3.yaml': { isPushedTo: true, arrived: fromPrometheus },
  'gateway.yaml': { isPushedTo: true, arrived: fromPrometheus },
  'sidecar.yaml': { isPushedTo: true, arrived: fromPrometheus },
  'scrape-fallback.yaml': { isPushedTo: false, arrived: fromPrometheus },
}

function startCollector(file: string, folder: string, ports: Ports): Peer {
  const env = {
    ...process.env,
    HEALTH_ADDRESS: local(ports.health),
    OTLP_ADDRESS: local(ports.otlp),
    PAGE_ADDRESS: local(ports.page),
    PROMETHEUS_URL: `http://${local(ports.prometheus)}/api/v1/otlp`,
    METRICS_TARGET: local(ports.metrics),
    TELEMETRY_TARGET: local(ports.telemetry),
    SCRAPE_INTERVAL: '2s',
  }
  // Its own metrics would be on a port that is the same for every Collector on a machine.
  const quiet = '--set=service.telemetry.metrics.level=none'
  const program = join(facts.programs, 'otelcol')
  return startPeer('collector', [program, `--config=otel-collector/${file}`, quiet], folder, env)
}

function startProduct(folder: string, ports: Ports, flags: readonly string[]): Peer {
  const ours = [`--port=${ports.metrics}`, `--telemetry-port=${ports.telemetry}`]
  const addresses = ['--host=127.0.0.1', '--telemetry-host=127.0.0.1', `--kubeconfig=${facts.kubeconfig}`]
  const command = [process.execPath, 'bin/kube-state-otlp.js', ...ours, ...addresses, ...flags]
  return startPeer('product', command, folder)
}

const client = createKubeClient(facts)
const namespace = 'collectors'
const inNamespace = `/namespaces/${namespace}`

const running: Peer[] = []
async function stopAll(): Promise<void> {
  for (const peer of running.splice(0).reverse()) await peer.stop('SIGKILL')
}

beforeAll(async () => {
  await client.create('/api/v1/namespaces', { metadata: { name: namespace } })
  await client.create(`/apis/apps/v1${inNamespace}/deployments`, deploymentObject('steady', 3, 0))
})

afterAll(async () => {
  await stopAll()
  await client.delete(`/api/v1${inNamespace}`)
  client.close()
})

it('tests every configuration of the folder', () => {
  expect(Object.keys(configurations).sort()).toEqual(readdirSync('otel-collector').sort())
})

/** The nodes renew their leases more often than a Collector scrapes, so that a scraped time is always an older one. */
function settled(difference: Difference, isPushed: boolean): Difference {
  const isRenewal = (series: string) => series.startsWith('kube_lease_renew_time{')
  return isPushed ? difference : { ...difference, values: difference.values.filter((series) => !isRenewal(series)) }
}

describe.each(Object.entries(configurations))('%s', (file, { isPushedTo, arrived }) => {
  it('starts without warnings, and all series arrive and end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-collector-'))
    const ports = await takePorts()
    running.push(startPrometheus(facts.programs, folder, ports.prometheus))
    await waitForUrl(`http://${local(ports.prometheus)}/-/ready`)
    const collector = startCollector(file, folder, ports)
    running.push(collector)
    await waitForUrl(`http://${local(ports.health)}/`)
    running.push(startProduct(folder, ports, isPushedTo ? [`--otlp-endpoint=http://${local(ports.otlp)}`] : []))
    await waitForUrl(`http://${local(ports.telemetry)}/readyz`)

    const arrival = async (what: string) => {
      let last = ''
      return waitFor(what, async () => {
        const [expected, found] = await Promise.all([readPage(ports.metrics), arrived(ports)])
        const difference = settled(compareSeries(expected, found), isPushedTo)
        last = JSON.stringify(difference).slice(0, 2000)
        return isEqual(difference) ? found : undefined
      }).catch((error) => expect.fail(`${error}\n${last}\n${collector.log().slice(-2000)}`))
    }
    const brief = `kube_configmap_created{configmap="brief",namespace="${namespace}"}`
    const isThere = async () => (await arrived(ports)).has(brief)

    const series = await arrival(`the series through ${file}`)
    expect(series.size).toBeGreaterThan(100)
    await client.create(`/api/v1${inNamespace}/configmaps`, { metadata: { name: 'brief' } })
    await waitFor('the series of a new object', async () => (await isThere()) || undefined)
    await client.delete(`/api/v1${inNamespace}/configmaps/brief`)
    await waitFor('the end of its series', async () => !(await isThere()) || undefined)
    await arrival(`the series through ${file}, at the end`)
    console.log(`${file}: ${series.size} series`)

    const warnings = collector
      .log()
      .split('\n')
      .filter((line) => /\t(warn|error)\t/.test(line))
    expect(warnings).toEqual([])
    await stopAll()
  })
})
