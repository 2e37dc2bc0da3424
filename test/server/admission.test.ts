import { describe, expect, test, vi } from 'vitest'
import type { AdmissionLimits, Place } from '../../src/server/admission.ts'
import { createAdmission } from '../../src/server/admission.ts'

const staying = new AbortController().signal

/** Lets settled promises run their continuations. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

function openAdmission(limits: Partial<AdmissionLimits>) {
  const { enter } = createAdmission({ running: 1, queued: 1, queuedMs: 60_000, ...limits })
  return async (signal = staying, evict = (): void => expect.fail('nothing stalled')) => enter(signal, evict)
}

async function admitted(entry: ReturnType<ReturnType<typeof openAdmission>>): Promise<Place> {
  const place = await entry
  if (typeof place === 'string') expect.fail(place)
  return place
}

describe('admission', () => {
  test('admits up to its places, queues, then turns away', async () => {
    const enter = openAdmission({})
    const first = await admitted(enter())
    const second = vi.fn()
    void enter().then(second)
    expect(await enter()).toBe('full')
    await settle()
    expect(second).not.toHaveBeenCalled()
    first.leave()
    await settle()
    expect(second).toHaveBeenCalledOnce()
  })

  test('hands a place on in order of arrival', async () => {
    const enter = openAdmission({ queued: 3 })
    const order: number[] = []
    const first = await admitted(enter())
    const entering = [1, 2, 3].map(async (n) => {
      const place = await admitted(enter())
      order.push(n)
      place.leave()
    })
    first.leave()
    await Promise.all(entering)
    expect(order).toEqual([1, 2, 3])
  })

  test('who leaves the queue takes no place and frees the queue', async () => {
    const enter = openAdmission({})
    const first = await admitted(enter())
    const leaving = new AbortController()
    const gone = enter(leaving.signal)
    leaving.abort()
    expect(await gone).toBe('aborted')
    const next = enter()
    first.leave()
    await admitted(next)
  })

  test('who waits too long takes no place and frees the queue', async () => {
    const enter = openAdmission({ queuedMs: 10 })
    const first = await admitted(enter())
    expect(await enter()).toBe('waited')
    const next = enter()
    first.leave()
    await admitted(next)
  })

  test('leaving twice frees one place only', async () => {
    const enter = openAdmission({ queued: 0 })
    const first = await admitted(enter())
    first.leave()
    first.leave()
    await admitted(enter())
    expect(await enter()).toBe('full')
  })

  test('who is gone already gets no place', async () => {
    expect(await openAdmission({})(AbortSignal.abort())).toBe('aborted')
  })
})

describe('a reader that stalls', () => {
  test('lets who waits in, and counts again when it reads', async () => {
    const enter = openAdmission({ running: 1, queued: 1 })
    const slow = await admitted(enter())
    const waiting = enter()
    slow.stall()
    const second = await admitted(waiting)
    slow.resume()
    second.leave()
    const third = enter()
    slow.leave()
    await admitted(third)
  })

  test('is evicted when too many stall, the longest first', async () => {
    const enter = openAdmission({ running: 1, queued: 1 })
    const places: Place[] = []
    const evicted: number[] = []
    for (const i of [0, 1]) {
      const place = await admitted(
        enter(staying, () => {
          evicted.push(i)
          places[i]?.leave()
        }),
      )
      places.push(place)
      place.stall()
    }
    await admitted(enter())
    expect(evicted).toEqual([0])
  })

  test('is evicted once, though it takes its time to leave', async () => {
    const enter = openAdmission({ running: 1, queued: 1 })
    const evict = vi.fn()
    const slow = await admitted(enter(staying, evict))
    slow.stall()
    const second = await admitted(enter())
    const third = enter()
    second.stall()
    slow.stall()
    expect(evict).toHaveBeenCalledOnce()
    slow.leave()
    await admitted(third)
  })
})
