/** Checks that the API server answers, which version it has, and whether the clocks agree. */

import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Connection } from '../../kubernetes/transport/connection.ts'
import { pipeThrough } from '../../kubernetes/transport/pipe-through.ts'
import { reasonOf } from '../../telemetry/failure-reason.ts'
import type { Finding } from './finding.ts'

export interface ApiServerCheck {
  readonly connection: Pick<Connection, 'send'>
  readonly server: URL
  /** Where the cluster was found. */
  readonly source: string
  readonly signal: AbortSignal
  /** Wall clock in Unix milliseconds. */
  readonly now: () => number
}

const check = 'API server'
/** The oldest minor version of Kubernetes 1 that the end-to-end tests run. */
const oldestTestedMinor = 33
/** Receivers refuse samples from further in the future. */
const tolerableAheadMs = 5 * 60_000
/** Prometheus shows a series without new samples this long. */
const tolerableBehindMs = 60_000

/** Two findings: the server and the clock. An API server that answers 401 or 403 here is there all the same. */
export async function checkApiServer(options: ApiServerCheck): Promise<Finding[]> {
  const { connection, server, source, signal, now } = options
  const startedAt = now()
  try {
    const answer = await connection.send({ path: '/version', headers: { accept: 'application/json' }, signal }, 'probe')
    const answeredAt = now()
    const body = await text(pipeThrough(answer.body, new PassThrough()))
    const clock = checkClock(answer.headers.date, (startedAt + answeredAt) / 2)
    return [describeServer(answer.status, body, `${server.href} (${source})`, answeredAt - startedAt), clock]
  } catch (error) {
    const found = `${server.href} does not answer: ${reasonOf(error)}`
    const fix = `check the address and the network; the cluster is that of ${source} (--kubeconfig, --context and --apiserver select another)`
    return [
      { check, state: 'failed', found, fix },
      { check: 'clock', state: 'skipped', found: 'needs the API server' },
    ]
  }
}

function describeServer(status: number, body: string, where: string, elapsedMs: number): Finding {
  if (status === 401) {
    const fix = 'renew the token or the client certificate of the kubeconfig'
    return { check, state: 'failed', found: `${where} refuses the credentials (401)`, fix }
  }
  const { gitVersion, minor } = status === 200 ? versionOf(body) : {}
  if (gitVersion === undefined) {
    return {
      check,
      state: 'warning',
      found: `${where} answers, but does not state its version (HTTP status ${status})`,
    }
  }
  const found = `Kubernetes ${gitVersion} at ${where}, answered in ${Math.round(elapsedMs)} ms`
  if (Number.parseInt(minor ?? '', 10) >= oldestTestedMinor) return { check, state: 'ok', found }
  const fix = `versions before 1.${oldestTestedMinor} are not tested; compare /metrics with kube-state-metrics (kube-state-otlp compare)`
  return { check, state: 'warning', found, fix }
}

function versionOf(body: string): { readonly gitVersion?: string; readonly minor?: string } {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}

/** The header has whole seconds. */
function checkClock(date: string | undefined, localMs: number): Finding {
  const serverMs = Date.parse(date ?? '') + 500
  if (Number.isNaN(serverMs)) {
    return { check: 'clock', state: 'skipped', found: 'the API server sends no Date header' }
  }
  const aheadMs = localMs - serverMs
  const difference = `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} the API server`
  const found = `this machine is ${difference}`
  if (aheadMs < tolerableAheadMs && aheadMs > -tolerableBehindMs) return { check: 'clock', state: 'ok', found }
  const fix = 'synchronize the clock (NTP): receivers refuse samples from the future, and hide those that are too old'
  return { check: 'clock', state: 'failed', found, fix }
}
