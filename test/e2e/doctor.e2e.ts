/** `doctor` with the real API server and Prometheus: sound, without rights, and with a wrong path of the receiver. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Peer } from './peers.ts'
import { freePort, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import { queryPrometheus } from './series.ts'

const facts = inject('cluster')
let prometheus: Peer
let prometheusUrl: string

beforeAll(async () => {
  const port = await freePort()
  prometheus = startPrometheus(facts.programs, mkdtempSync(join(tmpdir(), 'kube-state-otlp-doctor-')), port)
  prometheusUrl = `http://127.0.0.1:${port}`
  await waitForUrl(`${prometheusUrl}/-/ready`)
})

afterAll(() => prometheus?.stop('SIGKILL'))

function doctor(endpoint: string, ...flags: string[]) {
  const args = ['doctor', `--kubeconfig=${facts.kubeconfig}`, '--otlp-protocol=http/protobuf', ...flags]
  const ending = spawnSync(process.execPath, ['bin/kube-state-otlp.js', ...args, `--otlp-endpoint=${endpoint}`])
  return { code: ending.status, output: ending.stdout.toString() + ending.stderr }
}

it('finds nothing wrong, and its sample arrived and ended', async () => {
  const { code, output } = doctor(`${prometheusUrl}/api/v1/otlp`)
  expect(output.match(/^ok /gm), output).toHaveLength(6)
  expect(code).toBe(0)
  const ended = (await queryPrometheus(prometheusUrl, 'last_over_time(kube_state_otlp_doctor[5m])')).size
  expect(ended).toBe(1)
  const isGone = async () =>
    (await queryPrometheus(prometheusUrl, 'kube_state_otlp_doctor')).size === 0 ? true : undefined
  await waitFor('no series of doctor', isGone)
})

it('names the rights that a service account lacks, and a path where no receiver is', () => {
  const { code, output } = doctor(prometheusUrl, '--service-account=nowhere/nobody', '--resources=pods')
  expect(output).toMatch(
    /^failed +rights +system:serviceaccount:nowhere:nobody may not list, watch pods; get namespaces/m,
  )
  expect(output).toMatch(/^failed +test push +.*404/m)
  expect(code).toBe(1)
})
