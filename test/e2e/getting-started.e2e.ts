/**
 * docs/getting-started.md, "An existing cluster, from your machine": its commands as they stand but for the ports. Checked by the
 * doctor, pushed into a Prometheus, and gone from there when it is deleted.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, it } from 'vitest'
import { commandOf } from './documented-commands.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import { queryPrometheus } from './series.ts'

const facts = inject('cluster')
const page = readFileSync('docs/getting-started.md', 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-getting-started-'))
const env = { ...process.env, KUBECONFIG: facts.kubeconfig }
const client = createKubeClient(facts)
const namespace = 'getting-started'
const running: Peer[] = []

afterAll(async () => {
  for (const peer of running.reverse()) await peer.stop('SIGKILL')
  client.close()
})

it('the doctor finds nothing to fix, in one screen', () => {
  const { words } = commandOf(page, 'kube-state-otlp', {}, 'doctor')
  const report = execFileSync(process.execPath, ['bin/kube-state-otlp.js', ...words], { env, encoding: 'utf8' })
  expect(report).toMatch(/no check failed\n$/)
  expect(report.split('\n').length).toBeLessThan(24)
})

it('the state of the cluster arrives in Prometheus, and ends there with its objects', async () => {
  await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [, file = ''] = /```yaml\n# prometheus.yml\n(.*?)```/s.exec(page) ?? []
  expect(file, 'a prometheus.yml on the page').not.toBe('')
  writeFileSync(join(folder, 'prometheus.yml'), file)
  const prometheus = commandOf(page, 'prometheus', {}).words
  const command = [join(facts.programs, 'prometheus'), ...prometheus, `--web.listen-address=127.0.0.1:${port}`]
  running.push(startPeer('prometheus', command, folder, env, folder))
  await waitForUrl(`${url}/-/ready`)

  const { words } = commandOf(page, 'kube-state-otlp', { 9090: port }, '--otlp-endpoint')
  const local = ['--host=127.0.0.1', '--telemetry-host=127.0.0.1', '--port=0', '--telemetry-port=0']
  const product = [process.execPath, 'bin/kube-state-otlp.js', ...words, ...local]
  running.push(startPeer('kube-state-otlp', product, folder, env))
  const query = `count(kube_namespace_created{namespace="${namespace}"})`
  const count = async () => [...(await queryPrometheus(url, query)).values()][0]
  await waitFor('the namespace in Prometheus', count)

  await client.delete(`/api/v1/namespaces/${namespace}`)
  await waitFor('the end of its series', async () => ((await count()) === undefined ? true : undefined))
})
