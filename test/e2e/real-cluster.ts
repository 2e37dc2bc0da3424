/**
 * The real control plane that end-to-end tests run against: starts and stops its parts, and restores an older etcd. Its
 * programs are found or built by scripts/control-plane/, and run by scripts/cluster.ts.
 */

import { execFile } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { backgroundPrograms } from '../../scripts/control-plane/background-programs.ts'
import { controllerNames } from '../../scripts/control-plane/cluster.ts'
import { adminToken, credentialFiles } from '../../scripts/control-plane/credentials.ts'
import { allPrograms } from '../../scripts/control-plane/go-sources.ts'
import { providePrograms } from '../../scripts/control-plane/provide-programs.ts'
import { freePort } from './peers.ts'

/** How to reach a running control plane; plain data, so that it can be passed to the test's process. */
export interface ClusterFacts {
  readonly kubeconfig: string
  readonly apiUrl: string
  readonly ca: string
  readonly token: string
  /** The folder of the programs: otelcol, prometheus and those of the control plane. */
  readonly programs: string
  /** The folder of certificates, data and logs. */
  readonly state: string
  readonly ports: Readonly<Record<string, string>>
}

/** Operations on the control plane. None blocks the event loop: network paths and proxies of the tests live in this process. */
export interface RealCluster {
  readonly facts: ClusterFacts
  /** Kills the API server; etcd and the controllers stay. */
  killApiServer(): Promise<void>
  /** Starts the API server, and the controllers anew. */
  startApiServer(): Promise<void>
  /** Stops everything, copies etcd's data, starts everything. */
  snapshot(): Promise<void>
  /** Kills the API server, stops everything, restores the data of the snapshot, starts everything. */
  restoreSnapshot(): Promise<void>
  /** Adds a user without rights of its own and returns its token. */
  addUser(name: string): Promise<string>
  down(): Promise<void>
  /** Kills what runs and leaves the state, for a process that exits. */
  kill(): void
}

/**
 * Starts a cluster with controllers and simulated kubelets. Without a folder of programs it finds them, and builds what is
 * missing.
 */
export async function startRealCluster(folder?: string): Promise<RealCluster> {
  const programs = folder ?? (await providePrograms(allPrograms))
  const state = mkdtempSync(join(tmpdir(), 'kube-state-otlp-e2e-'))
  const ports = await takePorts()
  const location = { programs, state, ports }
  try {
    await callScript(location, 'up')
  } catch (failure) {
    await callScript(location, 'down')
    throw failure
  }
  return useRealCluster({
    kubeconfig: join(state, 'kubeconfig'),
    apiUrl: `https://127.0.0.1:${ports.API_PORT}`,
    ca: readFileSync(credentialFiles(state).ca, 'utf8'),
    token: adminToken,
    ...location,
  })
}

/**
 * Ports that are free, unless variables name them. A second cluster on the ports of the first would not fail: its API server
 * would use the etcd of the first.
 */
async function takePorts(): Promise<Readonly<Record<string, string>>> {
  const { API_PORT, ETCD_PORT, ETCD_PEER_PORT } = process.env
  return {
    API_PORT: API_PORT ?? `${await freePort()}`,
    ETCD_PORT: ETCD_PORT ?? `${await freePort()}`,
    ETCD_PEER_PORT: ETCD_PEER_PORT ?? `${await freePort()}`,
  }
}

/** Operations on a control plane that is running. */
export function useRealCluster(facts: ClusterFacts): RealCluster {
  const { state } = facts
  const programs = backgroundPrograms(state)
  const [data, copy] = [join(state, 'etcd'), join(state, 'etcd-snapshot')]
  /**
   * Controllers that survive an outage of the API server relist, and see an object that was deleted and created again meanwhile
   * as one that has changed. The garbage collector then leaves what belonged to the deleted one forever, and no Deployment of
   * a test that makes changes at once would settle. So they start anew with the API server.
   */
  const stopAll = async (...names: string[]) => {
    for (const name of [...controllerNames, 'apiserver', ...names]) await programs.stop(name)
  }
  const up = () => callScript(facts, 'up')
  return {
    facts,
    killApiServer: () => programs.stop('apiserver', 'SIGKILL'),
    async startApiServer() {
      await stopAll()
      await up()
    },
    async snapshot() {
      await stopAll('etcd')
      await rm(copy, { recursive: true, force: true })
      await cp(data, copy, { recursive: true })
      await up()
    },
    async restoreSnapshot() {
      // A server that ends in order would close the watches in order.
      await programs.stop('apiserver', 'SIGKILL')
      await stopAll('etcd')
      await rm(data, { recursive: true })
      await cp(copy, data, { recursive: true })
      await up()
    },
    async addUser(name) {
      appendFileSync(credentialFiles(state).tokens, `${name}-token,${name},${name}\n`)
      await stopAll()
      await up()
      return `${name}-token`
    },
    down: () => callScript(facts, 'down'),
    kill() {
      for (const name of [...controllerNames, 'apiserver', 'etcd']) {
        const pid = programs.pid(name)
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      }
    },
  }
}

type Location = Pick<ClusterFacts, 'programs' | 'state' | 'ports'>

const script = join(import.meta.dirname, '../../scripts/cluster.ts')
const run = promisify(execFile)

/** Rejects with what the script wrote to standard error. */
async function callScript({ ports, programs, state }: Location, command: string): Promise<void> {
  const env = { ...process.env, ...ports, PEERS_BIN: programs, CLUSTER_STATE: state, CONTROLLERS: '1' }
  await run(process.execPath, [script, command], { env }).catch(({ stderr }: { stderr: string }) => {
    throw new Error(`scripts/cluster.ts ${command}: ${stderr}`)
  })
}
