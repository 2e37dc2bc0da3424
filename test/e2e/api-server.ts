/** A real kube-apiserver on loopback for one test file, on etcd or kine, without controllers. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithThisProcess } from './child-processes.ts'
import type { ObjectStorage } from './object-storage.ts'
import { startEtcd, startKine } from './object-storage.ts'
import { freePort } from './peers.ts'

const token = 'test-token'

interface Address {
  readonly host: string
  readonly port: number
}

/** A running API server with its storage. */
export interface ApiServer extends Pick<ObjectStorage, 'store' | 'remove'> {
  /** The path of a kubeconfig for it. */
  readonly kubeconfig: string
  /** What `createKubeClient` takes. */
  readonly access: { readonly apiUrl: string; readonly ca: string; readonly token: string }
  /** The response to a GET; the caller reads or destroys it. */
  get(path: string, accept: string): Promise<IncomingMessage>
  stop(): Promise<void>
}

export interface ApiServerOptions {
  /** The path of kine, to store objects in SQLite instead of etcd. Objects are then written through the API server only. */
  readonly kine?: string | undefined
  /** The folder of etcd and kube-apiserver; by default that of PEERS_BIN. */
  readonly programs?: string
  /** The address that the API server listens on; 127.0.0.1 by default. */
  readonly host?: '127.0.0.1' | '::1'
  /** More flags of the API server, which replace those of the same name. */
  readonly flags?: readonly string[]
}

const defaultPrograms = () => process.env.PEERS_BIN ?? join(homedir(), '.cache/kube-state-otlp/bin')

function binary(folder: string, name: string): string {
  const path = join(folder, name)
  if (!existsSync(path)) throw new Error(`${name} is not in ${folder}: build it, or set PEERS_BIN to its folder`)
  return path
}

/** Starts both and waits until the API server is ready; fails with the last lines of its log when it exits before. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { programs = defaultPrograms(), host = '127.0.0.1', flags = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'))
  const port = await freePort()
  const apiServer = binary(programs, 'kube-apiserver')
  const storage = await (options.kine === undefined
    ? startEtcd(binary(programs, 'etcd'), folder)
    : startKine(options.kine, folder))
  const { store, remove } = storage
  const command = [apiServer, `--bind-address=${host}`, `--advertise-address=${host}`, ...flags]
  endWithThisProcess(storage.child)
  const children = [storage.child, startApi(command, folder, storage.url, port)]
  const stop = async () => {
    await Promise.all(children.map(end))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const get = await waitUntilReady(folder, { host, port }, children)
    const apiUrl = urlOf(host, port)
    const kubeconfig = writeKubeconfig(folder, apiUrl)
    const access = { apiUrl, ca: readFileSync(join(folder, 'apiserver.crt'), 'utf8'), token }
    return { kubeconfig, access, get, stop, store, remove }
  } catch (failure) {
    await stop()
    throw failure
  }
}

/** IPv6 addresses stand in brackets. */
const urlOf = (host: string, port: number) => `https://${host.includes(':') ? `[${host}]` : host}:${port}`

function writeKubeconfig(folder: string, server: string): string {
  const path = join(folder, 'kubeconfig')
  const cluster = { server, 'certificate-authority': join(folder, 'apiserver.crt') }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  }
  writeFileSync(path, JSON.stringify(config))
  return path
}

function startApi(
  [program = '', ...flags]: readonly string[],
  folder: string,
  etcdUrl: string,
  port: number,
): ChildProcess {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
  writeFileSync(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`)
  const child = spawn(
    program,
    [
      `--etcd-servers=${etcdUrl}`,
      `--secure-port=${port}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.0.0.0/12',
      `--cert-dir=${folder}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  endWithThisProcess(child)
  const lines: string[] = []
  child.stderr?.on('data', (data) => {
    lines.push(String(data))
    writeFileSync(join(folder, 'log'), lines.slice(-20).join(''))
  })
  return child
}

async function waitUntilReady(folder: string, address: Address, children: ChildProcess[]): Promise<ApiServer['get']> {
  for (;;) {
    const failed = children.find((child) => child.exitCode !== null)
    if (failed) throw new Error(`${failed.spawnfile} ended: ${readFileSync(join(folder, 'log'), 'utf8')}`)
    try {
      const agent = new Agent({ ca: readFileSync(join(folder, 'apiserver.crt')), keepAlive: true })
      const get: ApiServer['get'] = (path, accept) => send(agent, address, path, accept)
      const answer = await get('/readyz', '*/*')
      answer.resume()
      if (answer.statusCode === 200) return get
    } catch {
      // The certificate and the port are not there immediately.
    }
    await sleep(100)
  }
}

function send(agent: Agent, address: Address, path: string, accept: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept }
    request({ ...address, path, agent, headers }, resolve)
      .once('error', reject)
      .end()
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
