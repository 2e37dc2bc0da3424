/** The cluster's name is asked for until it is answered, whatever becomes of single attempts. */
import { expect, test } from 'vitest'
import { readClusterIdentity } from '../../src/runtime/cluster-identity.ts'

test('an attempt that is never answered is given up, and followed by another', async () => {
  const troubles: string[] = []
  let attempts = 0
  const uid = await readClusterIdentity({
    read(_path, signal) {
      attempts += 1
      if (attempts > 1) return Promise.resolve({ metadata: { uid: 'abc' } })
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
    signal: new AbortController().signal,
    wait: async () => {},
    onTrouble: (message) => troubles.push(message),
    attemptMs: 1,
  })
  expect({ uid, attempts }).toEqual({ uid: 'abc', attempts: 2 })
  expect(troubles).toEqual([expect.stringMatching(/cannot read the namespace kube-system/)])
})
