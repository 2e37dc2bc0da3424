import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/server/admission.ts'
import { createAdmission } from '../../src/server/admission.ts'

const staying = new AbortController().signal

/** Lets settled promises run their continuations. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('admission', () => {
  test('admits up to its places, queues, then turns away', async () => {
    const admission = createAdmission(1, 1)
    const first = await admission.enter(staying)
    let second: Place | undefined
    void admission.enter(staying).then((place) => {
      second = place
    })
    expect(await admission.enter(staying)).toBeUndefined()
    await settle()
    expect(second).toBeUndefined()
    first?.leave()
    await settle()
    expect(second).toBeDefined()
  })

  test('hands a place on in order of arrival', async () => {
    const admission = createAdmission(1, 3)
    const order: number[] = []
    const first = await admission.enter(staying)
    const entering = [1, 2, 3].map(async (n) => {
      const place = await admission.enter(staying)
      order.push(n)
      place?.leave()
    })
    first?.leave()
    await Promise.all(entering)
    expect(order).toEqual([1, 2, 3])
  })

  test('who leaves the queue takes no place and frees the queue', async () => {
    const admission = createAdmission(1, 1)
    const first = await admission.enter(staying)
    const leaving = new AbortController()
    const gone = admission.enter(leaving.signal)
    leaving.abort()
    expect(await gone).toBeUndefined()
    const next = admission.enter(staying)
    first?.leave()
    expect(await next).toBeDefined()
  })

  test('leaving twice frees one place only', async () => {
    const admission = createAdmission(1, 0)
    const first = await admission.enter(staying)
    first?.leave()
    first?.leave()
    expect(await admission.enter(staying)).toBeDefined()
    expect(await admission.enter(staying)).toBeUndefined()
  })

  test('who is gone already gets no place', async () => {
    expect(await createAdmission(1, 1).enter(AbortSignal.abort())).toBeUndefined()
  })
})
