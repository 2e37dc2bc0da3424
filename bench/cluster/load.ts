/** Writes the objects of a cluster to an API server, as many at a time as it takes, with their statuses. */

import type { KubeClient } from '../../test/e2e/kube-client.ts'
import type { Writable } from './cluster-objects.ts'

const workers = 32
const progressMs = 5000
const conflict = 409

export interface Loaded {
  readonly objects: number
  readonly seconds: number
  /** Objects and statuses that the server rejected, by kind, with its first message. */
  readonly rejected: ReadonlyMap<string, { count: number; message: string }>
}

export async function loadObjects(
  client: KubeClient,
  kinds: readonly (readonly Writable[])[],
  report: (line: string) => void,
): Promise<Loaded> {
  const startedMs = performance.now()
  const total = kinds.reduce((sum, { length }) => sum + length, 0)
  const uids = new Map<string, string>()
  const rejected = new Map<string, { count: number; message: string }>()
  let objects = 0
  const seconds = () => (performance.now() - startedMs) / 1000
  const timer = setInterval(
    () => report(`${objects} of ${total} objects written after ${seconds().toFixed(0)} s`),
    progressMs,
  )
  try {
    for (const kind of kinds) {
      await forEach(kind, async (writable) => {
        await write(client, writable, uids, (message) => {
          const known = rejected.get(writable.plural)
          if (known) known.count++
          else rejected.set(writable.plural, { count: 1, message })
        })
        objects++
      })
    }
  } finally {
    clearInterval(timer)
  }
  return { objects, seconds: seconds(), rejected }
}

/** Several at a time, in order. */
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const work = async () => {
    for (const item of queue) await act(item)
  }
  await Promise.all(Array.from({ length: workers }, work))
}

/** What exists already, such as the namespace `default`, is not an error. */
async function write(
  client: KubeClient,
  writable: Writable,
  uids: Map<string, string>,
  reject: (message: string) => void,
): Promise<void> {
  const { path, name, uid, status } = writable
  const object = withOwners(writable.object as Created, uids)
  const { status: code, body } = await client.create(path, object)
  const answer = body as { message?: string; metadata?: { uid?: string; resourceVersion?: string } }
  if (code === conflict) return
  if (code >= 300) return reject(answer.message ?? `status ${code}`)
  uids.set(uid, answer.metadata?.uid ?? '')
  if (status === undefined) return
  // A tenth less work for the server than a patch. It keeps the spec that it has.
  const { apiVersion, kind } = object
  const metadata = { ...object.metadata, uid: answer.metadata?.uid, resourceVersion: answer.metadata?.resourceVersion }
  const written = await client.replace(`${path}/${name}/status`, { apiVersion, kind, metadata, status })
  if (written.status >= 300) reject((written.body as { message?: string }).message ?? `status ${written.status}`)
}

interface Created {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly ownerReferences?: readonly { readonly uid: string }[] }
}

/** The server has given the owners UIDs of its own. */
function withOwners(object: Created, uids: ReadonlyMap<string, string>): Created {
  const { metadata } = object
  if (metadata.ownerReferences === undefined) return object
  const ownerReferences = metadata.ownerReferences.map((owner) => ({ ...owner, uid: uids.get(owner.uid) ?? owner.uid }))
  return { ...object, metadata: { ...metadata, ownerReferences } }
}
