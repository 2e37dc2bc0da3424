/** The UID of kube-system is read with any sufficient permission, and retried until there is a response. */
import { describe, expect, test } from 'vitest'
import type { ReadObject } from '../../src/runtime/cluster-identity.ts'
import { readClusterIdentity } from '../../src/runtime/cluster-identity.ts'

const namespacePath = '/api/v1/namespaces/kube-system'
const listPath = '/api/v1/namespaces?fieldSelector=metadata.name%3Dkube-system'
const forbidden = Object.assign(new Error('namespaces "kube-system" is forbidden'), { code: 403 })

async function identify(read: ReadObject) {
  const failures: string[] = []
  const stopping = new AbortController()
  const uid = await readClusterIdentity({
    read,
    signal: stopping.signal,
    wait: async () => {
      if (failures.length > 2) stopping.abort()
    },
    onFailure: (message) => failures.push(message),
    attemptMs: 1,
  })
  return { uid, failures }
}

describe('the identity of the cluster', () => {
  test('an attempt without a response times out and is retried', async () => {
    let attempts = 0
    const { uid, failures } = await identify((_path, signal) => {
      attempts += 1
      if (attempts > 1) return Promise.resolve({ metadata: { uid: 'abc' } })
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    expect({ uid, attempts }).toEqual({ uid: 'abc', attempts: 2 })
    expect(failures).toEqual([expect.stringMatching(/kube-system.* cannot be read/)])
  })

  test('without the right to get the namespace it is found in the list', async () => {
    const paths: string[] = []
    const { uid, failures } = await identify(async (path) => {
      paths.push(path)
      if (path === namespacePath) throw forbidden
      return { items: [{ metadata: { uid: 'abc' } }] }
    })
    expect({ uid, paths, failures }).toEqual({ uid: 'abc', paths: [namespacePath, listPath], failures: [] })
  })

  test('without either right each attempt says what to grant or to set', async () => {
    const { uid, failures } = await identify(() => Promise.reject(forbidden))
    expect(uid).toBeUndefined()
    expect(failures).toHaveLength(3)
    expect(failures[0]).toMatch(/kube-system.*nothing is pushed.*rbac.*otlp\.instance_id/)
  })
})
