import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPermits } from '../../src/kubernetes/permits.ts'

const never = new AbortController().signal

it('runs a limited number at a time, in the order of their requests', async () => {
  const permits = createPermits(2)
  const order: string[] = []
  const acquire = async (name: string) => {
    const release = await permits.acquire(never)
    order.push(name)
    return release
  }
  const [a, b] = await Promise.all([acquire('a'), acquire('b')])
  const [c, d] = [acquire('c'), acquire('d')]
  await Promise.resolve()
  expect(order).toEqual(['a', 'b'])
  b()
  // Giving a permit back twice frees one place.
  b()
  await c
  expect(order).toEqual(['a', 'b', 'c'])
  a()
  await d
  expect(order).toEqual(['a', 'b', 'c', 'd'])
})

it('loses no permit, whoever gives up waiting', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('acquire', 'abort', 'release')), async (actions) => {
      const permits = createPermits(2)
      const held: (() => void)[] = []
      const waiting: AbortController[] = []
      for (const action of actions) {
        if (action === 'acquire') {
          const abort = new AbortController()
          waiting.push(abort)
          void permits.acquire(abort.signal).then((release) => held.push(release))
        } else if (action === 'abort') waiting.shift()?.abort()
        else held.shift()?.()
        await Promise.resolve()
      }
      for (const abort of waiting) abort.abort()
      await new Promise(setImmediate)
      for (const release of held) release()
      const both = await Promise.all([permits.acquire(never), permits.acquire(never)])
      expect(both).toHaveLength(2)
    }),
  )
})
