/** Profiles on the telemetry port: content, access, and limit on concurrent ones. */
import { get } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import type { ServersOptions } from '../../src/server/servers.ts'
import { ask, limits, startServers } from './fixture.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(options: Partial<ServersOptions> = {}) {
  const servers = await startServers(() => [], { profiling: true, ...options })
  closers.push(() => servers.close(0))
  return servers
}

const cpu = '/debug/cpu-profile'
const heap = '/debug/heap-profile'

test('a CPU profile has samples, a heap profile has a tree', async () => {
  const { selfUrl } = await start()
  const ofCpu = await ask(selfUrl(`${cpu}?seconds=1`))
  expect(ofCpu.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-disposition': 'attachment; filename="kube-state-otlp.cpuprofile"',
  })
  const profile = JSON.parse(ofCpu.body.toString()) as { nodes: unknown[]; samples: unknown[] }
  expect(profile.nodes.length).toBeGreaterThan(0)
  expect(profile.samples.length).toBeGreaterThan(0)
  const ofHeap = await ask(selfUrl(`${heap}?seconds=1`))
  expect(JSON.parse(ofHeap.body.toString())).toHaveProperty('head.children')
})

test.each(['0', '56', 'many', '', '-1', 'NaN'])(
  'seconds=%s is refused: a response takes at most a minute',
  async (seconds) => {
    const { selfUrl } = await start()
    const { status, body } = await ask(selfUrl(`${cpu}?seconds=${seconds}`))
    expect([status, body.toString()]).toEqual([400, 'seconds: expected a number from 1 to 55\n'])
  },
)

test('one at a time; a client that goes away ends its profile', async () => {
  const { selfUrl } = await start({ limits: { ...limits, writeMs: 0 } })
  const running = get(selfUrl(`${cpu}?seconds=300`), { agent: false })
  running.on('error', () => {})
  await vi.waitFor(async () => expect((await ask(selfUrl(`${heap}?seconds=1`))).status).toBe(429), { timeout: 20_000 })
  running.destroy()
  await vi.waitFor(async () => expect((await ask(selfUrl(`${heap}?seconds=1`))).status).toBe(200), { timeout: 20_000 })
})

test('are off unless asked for, never on the other port, and behind the authorisation', async () => {
  const off = await start({ profiling: false })
  expect((await ask(off.selfUrl(cpu))).status).toBe(404)
  const on = await start({ authorise: async () => 'forbidden' })
  expect((await ask(on.url(cpu))).status).toBe(403)
  for (const path of [cpu, heap]) expect((await ask(on.selfUrl(path))).status).toBe(403)
  const open = await start()
  expect((await ask(open.url(cpu))).status).toBe(404)
  expect((await ask(open.selfUrl(cpu), { method: 'HEAD' })).status).toBe(404)
})
