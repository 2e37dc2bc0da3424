/** The load generator and the churn, against a small server that keeps objects and the statuses of pods. */

import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { changeablePods, churnPods } from '../../../bench/cluster/churn.ts'
import { createObjects } from '../../../bench/cluster/cluster-objects.ts'
import { loadObjects } from '../../../bench/cluster/load.ts'
import { firstMark } from '../../../bench/program/marks.ts'
import { createKubeClient } from '../../e2e/kube-client.ts'
import { createAuthority } from '../../simulator/otlp/certificates.ts'

const kinds = createObjects(60)

it('objects come in the order of their owners, and pods last', () => {
  const order = kinds.flatMap(([first]) => first?.plural ?? [])
  for (const [owner, owned] of [
    ['deployments', 'replicasets'],
    ['cronjobs', 'jobs'],
    ['namespaces', 'secrets'],
  ]) {
    expect(order.indexOf(owner as string)).toBeLessThan(order.indexOf(owned as string))
    expect(order).toContain(owner)
  }
  expect(order.at(-1)).toBe('pods')
  expect(kinds.at(-1)).toHaveLength(60)
})

it('services have no addresses of the simulation, and complete jobs meet their success criteria', () => {
  const of = (plural: string) => kinds.flat().filter((writable) => writable.plural === plural)
  expect(JSON.stringify(of('services'))).not.toMatch(/nodePort|clusterIPs|"clusterIP":"\d/)
  const complete = of('jobs').filter(({ status }) => JSON.stringify(status).includes('"Complete"'))
  expect(complete.length).toBeGreaterThan(0)
  for (const { status } of complete) expect(JSON.stringify(status)).toContain('"SuccessCriteriaMet"')
})

interface Stored {
  readonly metadata: { readonly name: string; readonly uid: string; readonly ownerReferences?: { uid: string }[] }
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] } | undefined
}

/** Gives objects UIDs of its own, and rejects the statuses of jobs. */
async function startServer() {
  const authority = createAuthority('load')
  const objects = new Map<string, Stored>()
  const server = createServer(authority.issueLeaf('server'), async (request, response) => {
    const body = (await json(request)) as Stored
    const answer = (code: number, text: object) => response.writeHead(code).end(JSON.stringify(text))
    const url = request.url ?? ''
    if (request.method === 'POST') {
      const path = `${url}/${body.metadata.name}`
      if (objects.has(path)) return answer(409, { message: 'already exists' })
      const stored = { ...body, metadata: { ...body.metadata, uid: `uid-of-${path}` } }
      objects.set(path, stored)
      return answer(201, stored)
    }
    const path = url.replace(/\/status$/, '')
    const known = objects.get(path)
    if (known === undefined || url.includes('/jobs/')) return answer(422, { message: `cannot change ${path}` })
    // As a server does: a replaced status keeps everything else, and needs the object that it is of.
    if (request.method === 'PUT' && body.metadata.uid !== known.metadata.uid)
      return answer(409, { message: 'conflict' })
    objects.set(path, { ...known, status: body.status })
    return answer(200, {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = createKubeClient({ apiUrl: `https://127.0.0.1:${port}`, ca: authority.cert, token: 'token' })
  onTestFinished(() => {
    client.close()
    server.close()
  })
  return { objects, client }
}

it('objects are written with their statuses and the UIDs that the server gave to their owners', async () => {
  const { objects, client } = await startServer()
  const loaded = await loadObjects(client, kinds, () => {})
  expect(loaded.objects).toBe(kinds.flat().length)
  expect(objects.size).toBe(loaded.objects)
  const uids = new Set([...objects.values()].map(({ metadata }) => metadata.uid))
  const owners = [...objects.values()].flatMap(({ metadata }) => metadata.ownerReferences ?? [])
  expect(owners.length).toBeGreaterThan(50)
  expect(owners.filter(({ uid }) => !uids.has(uid))).toEqual([])
  expect([...objects].filter(([path, { status }]) => path.includes('/pods/') && !status)).toEqual([])
  expect([...loaded.rejected.keys()]).toEqual(['jobs'])
  expect(loaded.rejected.get('jobs')?.message).toMatch(/^cannot change /)

  const again = await loadObjects(client, kinds, () => {})
  expect(again.rejected.size).toBe(0)
})

it('each change sets a restart count of its own', async () => {
  const { objects, client } = await startServer()
  await loadObjects(client, kinds, () => {})
  const pods = changeablePods(kinds.at(-1) ?? [])
  expect(pods.length).toBeGreaterThan(10)
  const written = await churnPods(client, pods, 20, 1)
  expect(written.size).toBeGreaterThan(0)
  expect(written.size).toBeLessThanOrEqual(20)
  const counts = [...objects.values()].flatMap(({ status }) => status?.containerStatuses?.[0]?.restartCount ?? [])
  const marks = counts.filter((count) => count >= firstMark)
  expect(marks.length).toBe(Math.min(pods.length, written.size))
  expect(marks.filter((mark) => !written.has(mark))).toEqual([])

  const more = await churnPods(client, pods, 20, 1)
  expect([...more.keys()].filter((mark) => written.has(mark))).toEqual([])
  await expect(churnPods(client, [{ ...(pods[0] as (typeof pods)[number]), name: 'none' }], 5, 1)).rejects.toThrow(
    '422',
  )
})
