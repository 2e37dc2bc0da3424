import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Passage } from '../../../src/kubernetes/reflector/course.ts'
import { createNavigator } from '../../../src/kubernetes/reflector/course.ts'
import type { EndingKind } from '../../../src/kubernetes/reflector/endings.ts'

const kinds: EndingKind[] = [
  'listed',
  'ended',
  'silent',
  'expired',
  'ahead',
  'unsupported',
  'unauthorized',
  'forbidden',
  'absent',
  'rejected',
  'throttled',
  'unavailable',
  'unreachable',
  'malformed',
]

const passages: fc.Arbitrary<Passage> = fc.record({
  ending: fc.record({
    kind: fc.constantFrom(...kinds),
    reason: fc.constant(''),
    retryAfterMs: fc.option(fc.oneof(fc.nat(90_000), fc.nat(90_000_000)), { nil: undefined }),
  }),
  list: fc.constantFrom('none', 'broken', 'complete'),
  delivered: fc.nat(3),
  lastedMs: fc.nat(600_000),
})

describe('the course after any passages', () => {
  it('never travels back in time, and never watches before a list is complete', () => {
    fc.assert(
      fc.property(fc.array(passages, { minLength: 1 }), (voyage) => {
        const navigator = createNavigator(() => 0.3, false)
        let hasListed = false
        for (const passage of voyage) {
          hasListed ||= passage.list === 'complete'
          const { course } = navigator.next(passage, hasListed ? '7' : '')
          if (course.kind === 'list') expect(course.atLeast).toBe('')
          else expect([hasListed, course.resourceVersion]).toEqual([true, '7'])
        }
      }),
    )
  })

  it('is a list after a refusal, which the same watch would meet again', () => {
    const refused: Passage = { ending: { kind: 'rejected', reason: '' }, list: 'none', delivered: 0, lastedMs: 10 }
    expect(createNavigator(() => 0, false).next(refused, '7').course).toEqual({ kind: 'list', atLeast: '' })
  })

  it('comes after a wait that is bounded, as long as asked, and never nothing after a failure', () => {
    fc.assert(
      fc.property(
        fc.array(passages, { minLength: 1 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (voyage, chance) => {
          const navigator = createNavigator(() => chance, false)
          for (const passage of voyage) {
            const { waitMs } = navigator.next(passage, '7')
            const { kind } = passage.ending
            const retryAfterMs = Math.min(passage.ending.retryAfterMs ?? 0, 300_000)
            expect(waitMs).toBeLessThanOrEqual(Math.max(60_000, retryAfterMs))
            if (
              ['unauthorized', 'forbidden', 'absent', 'throttled', 'unavailable', 'unreachable', 'malformed'].includes(
                kind,
              )
            ) {
              expect(waitMs).toBeGreaterThanOrEqual(Math.max(250, retryAfterMs))
            }
          }
        },
      ),
    )
  })

  it('is a list once the server was away, until a list is complete', () => {
    const navigator = createNavigator(() => 0, false)
    const passage = { list: 'none', delivered: 0, lastedMs: 10 } as const
    const courseOn = (kind: EndingKind, more: Partial<Passage> = {}) =>
      navigator.next({ ...passage, ending: { kind, reason: '' }, ...more }, '7').course.kind
    expect(courseOn('unauthorized')).toBe('watch')
    expect(courseOn('unreachable')).toBe('list')
    expect(courseOn('unauthorized')).toBe('list')
    expect(courseOn('listed', { list: 'complete', delivered: 4 })).toBe('watch')
    expect(courseOn('throttled')).toBe('watch')
  })
})
