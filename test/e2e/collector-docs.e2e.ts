/** The commands of docs/collector.md, unchanged except for the ports: series arrive in Prometheus. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, it } from 'vitest'
import type { DocumentedCommand } from './documented-commands.ts'
import { commandOf } from './documented-commands.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import { queryPrometheus } from './series.ts'

const facts = inject('cluster')
const page = readFileSync('docs/collector.md', 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-collector-docs-'))

const running: Peer[] = []
function run(
  { env, program, words }: DocumentedCommand,
  path: readonly string[],
  more: readonly string[] = [],
  cwd?: string,
): Peer {
  const peer = startPeer(program, [...path, ...words, ...more], folder, { ...process.env, ...env }, cwd)
  running.push(peer)
  return peer
}

afterAll(async () => {
  for (const peer of running.reverse()) await peer.stop('SIGKILL')
})

it('the three commands bring the series of the cluster into Prometheus', async () => {
  const [prometheusPort = 0, otlp = 0, health = 0] = await Promise.all([freePort(), freePort(), freePort()])
  const ports = { 9090: prometheusPort, 4317: otlp }
  const [, file = ''] = /```yaml\n# prometheus.yml\n(.*?)```/s.exec(page) ?? []
  expect(file, 'a prometheus.yml on the page').not.toBe('')
  writeFileSync(join(folder, 'prometheus.yml'), file)

  const prometheus = commandOf(page, 'prometheus', ports)
  const listen = [`--web.listen-address=127.0.0.1:${prometheusPort}`]
  const started = run(prometheus, [join(facts.programs, 'prometheus')], listen, folder)
  const url = `http://127.0.0.1:${prometheusPort}`
  await waitForUrl(`${url}/-/ready`).catch((error) => expect.fail(`${error}\n${started.log()}`))

  const otelcol = commandOf(page, 'otelcol', ports)
  const addresses = { OTLP_ADDRESS: `127.0.0.1:${otlp}`, HEALTH_ADDRESS: `127.0.0.1:${health}` }
  const quiet = ['--set=service.telemetry.metrics.level=none']
  run({ ...otelcol, env: { ...otelcol.env, ...addresses } }, [join(facts.programs, 'otelcol')], quiet)
  await waitForUrl(`http://127.0.0.1:${health}/`)

  const product = commandOf(page, 'kube-state-otlp', ports)
  const local = ['--host=127.0.0.1', '--telemetry-host=127.0.0.1', '--port=0', '--telemetry-port=0']
  run(product, [process.execPath, 'bin/kube-state-otlp.js'], [...local, `--kubeconfig=${facts.kubeconfig}`])
  const query = 'count(kube_namespace_created{job="kube-state-metrics"})'
  const found = await waitFor('series in Prometheus', async () => {
    const [count] = (await queryPrometheus(url, query)).values()
    return count
  })
  expect(found).toBeGreaterThan(0)
})
