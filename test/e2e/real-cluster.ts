/**
 * The real control plane that end-to-end tests run against: starts and stops its parts, and restores an older etcd. Its
 * programs are found or built by scripts/control-plane/, and run by scripts/cluster.ts.
 */

import { execFile, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { portsAfterApi } from '../../scripts/control-plane/cluster-settings.ts'
import { adminToken, credentialFiles } from '../../scripts/control-plane/credentials.ts'
import { allPrograms } from '../../scripts/control-plane/go-sources.ts'
import { providePrograms } from '../../scripts/control-plane/provide-programs.ts'
import { freePort, isFree } from './peers.ts'

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

/** Operations on the control plane. */
export interface RealCluster {
  readonly facts: ClusterFacts
  /** Kills the API server; etcd and the controllers stay. */
  killApiServer(): void
  startApiServer(): void
  /** Stops API server and etcd, copies etcd's data, starts both again. */
  snapshot(): void
  /** Stops everything, restores the data of the snapshot, starts everything. */
  restoreSnapshot(): void
  /** Adds a user without rights of its own and returns its token. */
  addUser(name: string): string
  /** Does not block: the runner of the tests waits for its workers meanwhile. */
  down(): Promise<void>
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
    callScript(location, 'up')
  } catch (failure) {
    callScript(location, 'down')
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
    API_PORT: API_PORT ?? `${await freeRange(1 + portsAfterApi)}`,
    ETCD_PORT: ETCD_PORT ?? `${await freePort()}`,
    ETCD_PEER_PORT: ETCD_PEER_PORT ?? `${await freePort()}`,
  }
}

/** The first of several consecutive ports that were free a moment ago. */
async function freeRange(count: number): Promise<number> {
  for (;;) {
    const first = await freePort()
    const others = Array.from({ length: count - 1 }, (_, i) => first + 1 + i)
    const areFree = await Promise.all(others.map(isFree))
    if (areFree.every(Boolean)) return first
  }
}

/** Operations on a control plane that is running. */
export function useRealCluster(facts: ClusterFacts): RealCluster {
  const { state } = facts
  return {
    facts,
    killApiServer: () => callScript(facts, 'stop-api', 'KILL'),
    startApiServer: () => callScript(facts, 'start-api'),
    snapshot() {
      callScript(facts, 'stop-api', 'TERM')
      stopProgram(state, 'etcd')
      cpSync(join(state, 'etcd'), join(state, 'etcd-snapshot'), { recursive: true })
      callScript(facts, 'up')
    },
    restoreSnapshot() {
      for (const program of ['kwok', 'scheduler', 'controller-manager']) stopProgram(state, program)
      callScript(facts, 'stop-api', 'KILL')
      stopProgram(state, 'etcd')
      rmSync(join(state, 'etcd'), { recursive: true })
      cpSync(join(state, 'etcd-snapshot'), join(state, 'etcd'), { recursive: true })
      callScript(facts, 'up')
    },
    addUser(name) {
      appendFileSync(credentialFiles(state).tokens, `${name}-token,${name},${name}\n`)
      callScript(facts, 'stop-api', 'TERM')
      callScript(facts, 'start-api')
      return `${name}-token`
    },
    down: async () =>
      void (await promisify(execFile)(process.execPath, [script, 'down'], { env: environmentOf(facts) })),
  }
}

type Location = Pick<ClusterFacts, 'programs' | 'state' | 'ports'>

const script = join(import.meta.dirname, '../../scripts/cluster.ts')

function environmentOf({ ports, programs, state }: Location): NodeJS.ProcessEnv {
  return { ...process.env, ...ports, PEERS_BIN: programs, CLUSTER_STATE: state, CONTROLLERS: '1' }
}

function callScript(location: Location, ...words: string[]): void {
  const options = { env: environmentOf(location), encoding: 'utf8' } as const
  const { status, stderr } = spawnSync(process.execPath, [script, ...words], options)
  if (status !== 0) throw new Error(`scripts/cluster.ts ${words.join(' ')}: ${stderr}`)
}

/** Stops a program by its pid file and waits for its exit. */
function stopProgram(state: string, program: string): void {
  const pidFile = join(state, `${program}.pid`)
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8'))
  if (isRunning(pid)) process.kill(pid, 'SIGTERM')
  while (isRunning(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  rmSync(pidFile)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
