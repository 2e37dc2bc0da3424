/** Runs the product as a pod of a rendered workload: with its variables, and with the token of its ServiceAccount alone. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'
import type { ClusterFacts } from './real-cluster.ts'

/** The fields of a rendered Deployment, StatefulSet or DaemonSet that tests read. */
export interface Workload {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpec } }
}

interface PodSpec {
  readonly serviceAccountName: string
  readonly containers: readonly [Container]
}

interface Container {
  readonly image: string
  readonly env?: readonly Variable[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
}

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

export interface DeployedProduct {
  readonly peer: Peer
  readonly metricsUrl: string
  readonly readyUrl: string
  /** Waits until it is ready and returns the body of the response. */
  ready(): Promise<string>
}

export interface Deployment {
  readonly facts: ClusterFacts
  readonly client: KubeClient
  readonly folder: string
  readonly workload: Workload
  /** Values of the downward API, by path. */
  readonly fields?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

/** Starts it on loopback, with free ports. */
export async function startDeployed(deployment: Deployment): Promise<DeployedProduct> {
  const { facts, client, folder, workload, flags = [] } = deployment
  const kubeconfig = join(folder, `${workload.kind}-${workload.metadata.name}.kubeconfig`)
  writeFileSync(kubeconfig, JSON.stringify(createKubeconfig(facts, await requestToken(client, workload))))
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const ports = [
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
  ]
  const command = [process.execPath, 'bin/kube-state-otlp.js', `--kubeconfig=${kubeconfig}`, ...ports, ...flags]
  const { KUBECONFIG: _, ...outside } = process.env
  const peer = startPeer(`product-${port}`, command, folder, { ...outside, ...variablesOf(deployment) })
  const readyUrl = `http://127.0.0.1:${telemetryPort}/readyz`
  return {
    peer,
    readyUrl,
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    async ready() {
      await waitForUrl(readyUrl)
      return (await fetch(readyUrl)).text()
    },
  }
}

function variablesOf({ workload, fields = {} }: Deployment): Record<string, string | undefined> {
  const { env = [] } = workload.spec.template.spec.containers[0]
  const known: Readonly<Record<string, string>> = { 'metadata.namespace': workload.metadata.namespace, ...fields }
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? known[valueFrom?.fieldRef.fieldPath ?? '']]),
  )
}

/** Uses the API that kubelets use for the pods' own tokens. */
async function requestToken(client: KubeClient, { metadata, spec }: Workload): Promise<string> {
  const account = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${spec.template.spec.serviceAccountName}`
  const { body } = await client.create(`${account}/token`, { spec: { expirationSeconds: 3600 } })
  return (body as { status: { token: string } }).status.token
}

function createKubeconfig({ apiUrl, ca }: ClusterFacts, token: string): object {
  const cluster = { server: apiUrl, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  }
}
