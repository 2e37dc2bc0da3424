/** Connections to small servers on loopback, for tests. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { ClusterAccess, Credentials } from '../../../src/kubernetes/auth/cluster-access.ts'
import type { Connection, ConnectionOptions } from '../../../src/kubernetes/transport/connection.ts'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import type { TlsApiServer } from './http2-api-server.ts'

export const never = new AbortController().signal

export const firstGeneration = { generation: 1, source: 'a test', renew() {}, renewIfChanged() {} }

export function accessTo(server: URL, credentials: () => Credentials): ClusterAccess {
  return { ...firstGeneration, server, credentials: async () => credentials() }
}

export function connectTo(
  { url, ca }: Pick<TlsApiServer, 'url' | 'ca'>,
  options: Pick<ConnectionOptions, 'proxyOf'> = {},
) {
  const clock = createManualClock()
  const connection = createConnection({
    access: accessTo(url, () => ({ tls: { ca }, headers: {} })),
    clock,
    ...options,
  })
  onTestFinished(() => connection.close())
  return { connection, clock }
}

export async function textOf(body: Readable): Promise<string> {
  return Buffer.concat(await body.toArray()).toString()
}

export async function ask(connection: Connection, path: string): Promise<string> {
  const { status, body } = await connection.send({ path, headers: {}, signal: never })
  return `${status} ${await textOf(body)}`
}

/** Opens a stream that stays open; resolves at its first bytes. */
export async function openWatch(connection: Connection, signal = never): Promise<Readable> {
  const { body } = await connection.send({ path: '/watch', headers: {}, signal })
  await once(body, 'readable')
  return body
}
