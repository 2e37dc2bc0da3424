/** What an API server stores objects in: etcd, or kine with SQLite, on loopback. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from './peers.ts'

export interface ObjectStorage {
  readonly child: ChildProcess
  /** For `--etcd-servers` of an API server. */
  readonly url: string
  /** Writes an object to etcd, so the API server neither validates nor defaults it. */
  store(key: string, object: unknown): Promise<void>
  /** Deletes an object from etcd. */
  remove(key: string): Promise<void>
}

/** Keeps its data in the folder. */
export async function startEtcd(program: string, folder: string): Promise<ObjectStorage> {
  const [url, peerUrl] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
  const flags = [
    `--data-dir=${join(folder, 'etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ]
  return {
    child: spawn(program, flags, { stdio: 'ignore' }),
    url,
    store: (key, object) => send(`${url}/v3/kv/put`, { key: base64(key), value: base64(JSON.stringify(object)) }),
    remove: (key) => send(`${url}/v3/kv/deleterange`, { key: base64(key) }),
  }
}

/** Has no JSON gateway: objects are written through the API server. */
export async function startKine(program: string, folder: string): Promise<ObjectStorage> {
  const address = `127.0.0.1:${await freePort()}`
  const database = `${join(folder, 'kine.db')}?_journal=WAL&cache=shared&_busy_timeout=30000`
  const flags = [`--listen-address=tcp://${address}`, `--endpoint=sqlite://${database}`, '--metrics-bind-address=0']
  const refuse = async () => {
    throw new Error('kine has no JSON gateway: write through the API server')
  }
  return {
    child: spawn(program, flags, { stdio: 'ignore', cwd: folder }),
    url: `http://${address}`,
    store: refuse,
    remove: refuse,
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** To etcd's JSON gateway. */
async function send(url: string, body: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`etcd refused ${url}: ${await answer.text()}`)
  await answer.arrayBuffer()
}
