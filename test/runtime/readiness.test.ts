import { describe, expect, test } from 'vitest'
import type { WatchedScope } from '../../src/runtime/readiness.ts'
import { createReadiness } from '../../src/runtime/readiness.ts'

type Status = ReturnType<WatchedScope['status']>

function scope(resource: string, status: Status, namespace?: string): WatchedScope {
  return { resource, namespace, status: () => status, hasListed: () => status === 'synced' }
}

const answer = (scopes: WatchedScope[], waits: string[] = []) =>
  createReadiness(
    () => scopes,
    () => waits,
  )()

describe('readiness', () => {
  test('names what is not listed yet', () => {
    expect(answer([scope('pods', 'synced'), scope('nodes', 'listing')])).toEqual({
      ready: false,
      lines: ['1 of 2 lists complete', 'nodes: listing'],
    })
  })

  test('forbidden and absent resources do not delay readiness', () => {
    expect(answer([scope('pods', 'synced'), scope('secrets', 'forbidden'), scope('leases', 'absent')])).toEqual({
      ready: true,
      lines: ['1 of 3 lists complete', 'secrets: forbidden', 'leases: absent'],
    })
  })

  test('what has taken too long delays nothing, but is named', () => {
    const late = { ...scope('configmaps with rules', 'listing'), isAwaited: () => false }
    expect(answer([scope('pods', 'synced'), late])).toEqual({
      ready: true,
      lines: ['1 of 2 lists complete', 'configmaps with rules: listing'],
    })
  })

  test.each([['forbidden'], ['absent']] as const)('when all is %s it is not ready', (status) => {
    const { ready, lines } = answer([scope('pods', status), scope('nodes', status)])
    expect(ready).toBe(false)
    expect(lines).toContain('none of the selected resources can be read')
  })

  test('waits for what else is to be there', () => {
    expect(answer([scope('pods', 'synced')], ['push: waiting'])).toEqual({
      ready: false,
      lines: ['1 of 1 lists complete', 'push: waiting'],
    })
  })

  test('stays ready whatever happens later', () => {
    const waits: string[] = []
    let status: Status = 'synced'
    const readiness = createReadiness(
      () => [{ ...scope('pods', 'synced'), status: () => status }],
      () => waits,
    )
    expect(readiness().ready).toBe(true)
    status = 'connecting'
    waits.push('push: waiting')
    expect(readiness().ready).toBe(true)
  })

  test('a resource of hundreds of namespaces is one line', () => {
    const scopes = Array.from({ length: 300 }, (_, i) =>
      scope('pods', i < 10 ? 'synced' : i === 10 ? 'forbidden' : 'listing', `ns-${i}`),
    )
    expect(answer(scopes).lines).toEqual([
      '10 of 300 lists complete',
      'pods: forbidden in namespace ns-10; listing in namespaces ns-11, ns-12, ns-13, ns-14, ns-15 and 284 more',
    ])
  })
})
