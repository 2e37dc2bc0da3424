import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndingKind } from '../../../src/kubernetes/reflector/endings.ts'
import type { AttemptResult } from '../../../src/kubernetes/reflector/next-step.ts'
import { NextSteps } from '../../../src/kubernetes/reflector/next-step.ts'

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
  'invalid',
  'rejected',
  'throttled',
  'unavailable',
  'unreachable',
  'malformed',
]

const results: fc.Arbitrary<AttemptResult & { lastedMs: number }> = fc.record({
  ending: fc.record({
    kind: fc.constantFrom(...kinds),
    reason: fc.constant(''),
    retryAfterMs: fc.option(fc.oneof(fc.nat(90_000), fc.nat(90_000_000)), { nil: undefined }),
  }),
  list: fc.constantFrom('none', 'broken', 'complete'),
  delivered: fc.nat(3),
  lastedMs: fc.nat(600_000),
})

describe('the step after any results', () => {
  it('never goes back to an older resourceVersion, and never watches before a list is complete', () => {
    fc.assert(
      fc.property(fc.array(results, { minLength: 1 }), (history) => {
        const nextSteps = new NextSteps(() => 0.3, false)
        let hasListed = false
        for (const result of history) {
          hasListed ||= result.list === 'complete'
          const { step } = nextSteps.after(result, result.lastedMs, hasListed ? '7' : '')
          if (step.kind === 'list') expect(step.atLeast).toBe('')
          else expect([hasListed, step.resourceVersion]).toEqual([true, '7'])
        }
      }),
    )
  })

  it('is a list after a rejection that the same watch would get again', () => {
    const refused: AttemptResult = { ending: { kind: 'rejected', reason: '' }, list: 'none', delivered: 0 }
    expect(new NextSteps(() => 0, false).after(refused, 10, '7').step).toEqual({ kind: 'list', atLeast: '' })
  })

  it('follows a wait that is bounded, as long as the server asked, and never zero after a failure', () => {
    fc.assert(
      fc.property(
        fc.array(results, { minLength: 1 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (history, chance) => {
          const nextSteps = new NextSteps(() => chance, false)
          for (const result of history) {
            const { waitMs } = nextSteps.after(result, result.lastedMs, '7')
            const { kind } = result.ending
            const retryAfterMs = Math.min(result.ending.retryAfterMs ?? 0, 300_000)
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

  it('is a list after the server was unavailable, until a list is complete', () => {
    const nextSteps = new NextSteps(() => 0, false)
    const result = { list: 'none', delivered: 0 } as const
    const stepOn = (kind: EndingKind, more: Partial<AttemptResult> = {}) =>
      nextSteps.after({ ...result, ending: { kind, reason: '' }, ...more }, 10, '7').step.kind
    expect(stepOn('unauthorized')).toBe('watch')
    expect(stepOn('unreachable')).toBe('list')
    expect(stepOn('unauthorized')).toBe('list')
    expect(stepOn('listed', { list: 'complete', delivered: 4 })).toBe('watch')
    expect(stepOn('throttled')).toBe('watch')
  })
})
