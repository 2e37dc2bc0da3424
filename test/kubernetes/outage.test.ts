import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../../src/kubernetes/api-client.ts'
import { createOutage } from '../../src/kubernetes/outage.ts'
import { createConnection } from '../../src/kubernetes/transport/connection.ts'
import { createManualClock } from '../time/manual-clock.ts'
import { runReflector } from './reflector/running-reflector.ts'
import { startScriptedApiServer } from './scripted-api-server.ts'

const never = new AbortController().signal
const isProbe = (ms: number) => ms === 1500

async function startOutage() {
  const server = await startScriptedApiServer()
  const clock = createManualClock()
  const access = {
    generation: 1,
    server: server.url,
    source: 'a test',
    credentials: async () => ({ tls: {}, headers: {} }),
    renew() {},
    renewIfChanged() {},
  }
  const client = createApiClient(createConnection({ access, clock }), 'test')
  onTestFinished(async () => {
    client.close()
    await server.close()
  })
  const outage = createOutage({ client, clock, random: () => 0.5 })
  /** Rings the probe; its request is answered with this status, or not at all. */
  const probe = async (code?: number) => {
    ;(await clock.alarm(isProbe)).ring()
    if (code === undefined) return
    const request = await server.next()
    expect(request.path).toBe('/readyz')
    if (code === 200) request.answer('text/plain', 'ok')
    else request.refuse(code)
  }
  return { server, clock, outage, probe }
}

describe('the wait after a failure', () => {
  it('ends for all with a little jitter once the server is back', async () => {
    const { server, clock, outage, probe } = await startOutage()
    await server.close()
    const waits = [outage.wait(20_000, never), outage.wait(30_000, never)]
    await probe()
    await clock.alarm(isProbe)
    await server.reopen()
    await probe(503)
    await probe(200)
    for (const _ of waits) (await clock.alarm((ms) => ms === 500)).ring()
    expect(await Promise.all(waits)).toEqual(['returned', 'returned'])
    expect(clock.pending()).toEqual([])
  })

  it.each([200, 401, 403, 404])('lasts its full time if the server was available all along (%i)', async (code) => {
    const { clock, outage, probe } = await startOutage()
    const wait = outage.wait(20_000, never)
    await probe(code)
    ;(await clock.alarm((ms) => ms === 20_000)).ring()
    expect(await wait).toBe('elapsed')
  })

  it('ends when the signal aborts', async () => {
    const { server, clock, outage, probe } = await startOutage()
    const abort = new AbortController()
    const wait = outage.wait(20_000, abort.signal)
    abort.abort()
    expect(await wait).toBe('elapsed')
    // Nobody waits any more: nothing is asked.
    await probe()
    await new Promise(setImmediate)
    expect([clock.pending(), server.waiting()]).toEqual([[], 0])
  })

  it('remembers an outage that lasts longer than the wait', async () => {
    const { server, clock, outage, probe } = await startOutage()
    const first = outage.wait(20_000, never)
    await probe(500)
    await clock.alarm(isProbe)
    ;(await clock.alarm((ms) => ms === 20_000)).ring()
    expect(await first).toBe('elapsed')
    await probe()
    await new Promise(setImmediate)
    expect(server.waiting()).toBe(0)
    const second = outage.wait(30_000, never)
    await probe(200)
    ;(await clock.alarm((ms) => ms === 500)).ring()
    expect(await second).toBe('returned')
  })
})

it('resumes reflectors with a long back-off as soon as the server is back', {
  timeout: 20_000,
}, async () => {
  const { server, clock, outage, probe } = await startOutage()
  const options = { watchList: false }
  const first = await runReflector({ server, clock, outage, options })
  const second = await runReflector({ server, clock, outage, options, scope: { namespace: 'b' } })
  for (const _ of [first, second]) (await server.next()).list([], { resourceVersion: '9' })
  const watches = [await server.next(), await server.next()]
  for (const reflector of [first, second]) await reflector.called('began', 'ended')
  for (const watch of watches) watch.stream()
  await server.close()
  // Back-offs of 375, 750, 1500 … 22,500 ms, probes and timeouts in between.
  const isLong = (ms: number) => ms === 22_500
  while (clock.pending().filter(isLong).length < 2) {
    ;(await clock.alarm((ms) => ms < 22_500)).ring()
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await clock.alarm(isProbe)
  await server.reopen()
  await probe(200)
  for (const _ of [first, second]) (await clock.alarm((ms) => ms === 500)).ring()
  const lists = [await server.next(), await server.next()]
  expect(lists.map(({ query }) => query)).toEqual([{ limit: '500' }, { limit: '500' }])
  // A failure now is the first one again.
  lists[0]?.refuse(503)
  await clock.alarm((ms) => ms === 375)
})
