/** One Lease at the API server: read, written by compare-and-swap, watched. */

import { PassThrough } from 'node:stream'
import type { ApiClient } from '../api-client.ts'
import { ApiRefusal } from '../api-client.ts'
import { pipeThrough } from '../transport/pipe-through.ts'
import type { Lease, LeaseObject } from './lease.ts'
import { readLease } from './lease.ts'

export interface LeaseName {
  readonly namespace: string
  readonly name: string
}

export interface LeaseClient {
  /** Undefined when there is none. Rejects with ApiRefusal, or when no answer came. */
  read(signal: AbortSignal): Promise<Lease | undefined>
  /** Creates what has no version, and replaces the version that it bears otherwise. Rejects as `read` does. */
  write(object: LeaseObject, signal: AbortSignal): Promise<Lease>
  /** Calls back with the Lease as it is now, unless there is none, and after every change, until the stream ends. */
  watch(onChange: (lease: Lease | undefined) => void, signal: AbortSignal): Promise<void>
}

/** Whether the server refused a request for this reason. */
export function isRefused(error: unknown, ...codes: readonly number[]): error is ApiRefusal {
  return error instanceof ApiRefusal && codes.includes(error.code)
}

const watchSeconds = 300
const lane = 'coordination'

export function createLeaseClient(
  client: ApiClient,
  { namespace, name }: LeaseName,
  defaultDurationMs: number,
): LeaseClient {
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`
  const item = `${collection}/${encodeURIComponent(name)}`
  const read = (object: unknown): Lease => readLease(object as LeaseObject, defaultDurationMs)
  return {
    async read(signal) {
      try {
        return read(await client.sendJson({ path: item, lane, signal }))
      } catch (error) {
        // The namespace or the API may also be missing; creating then fails with that reason.
        if (isRefused(error, 404)) return undefined
        throw error
      }
    },
    async write(object, signal) {
      const isNew = object.metadata?.resourceVersion === undefined
      const target = isNew ? ({ method: 'POST', path: collection } as const) : ({ method: 'PUT', path: item } as const)
      return read(await client.sendJson({ ...target, body: object, lane, signal }))
    },
    async watch(onChange, signal) {
      const query = { watch: 'true', fieldSelector: `metadata.name=${name}`, timeoutSeconds: watchSeconds }
      const { body } = await client.send({ path: collection, query, lane, signal })
      let rest = ''
      for await (const chunk of pipeThrough(body, new PassThrough({ encoding: 'utf8' }))) {
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as { type: string; object: unknown }
          if (type === 'ERROR') return
          if (type === 'ADDED' || type === 'MODIFIED') onChange(read(object))
          if (type === 'DELETED') onChange(undefined)
        }
      }
    },
  }
}
