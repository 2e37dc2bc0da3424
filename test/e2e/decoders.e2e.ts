/**
 * Both decoders on a real API server: every object of the conformance cases is written to its etcd and read back as JSON and
 * as protobuf, alone, in lists and in watch streams.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { compareDecoders } from './decoder-comparison.ts'

let server: ApiServer
beforeAll(async () => {
  server = await startApiServer()
}, 120_000)
afterAll(() => server?.stop())

test.each(resources.map((resource) => [resource.plural, resource] as const))(
  'objects, lists and watches of %s read the same in both formats',
  async (_, resource) => {
    expect(await compareDecoders(server, { resource, streamsLists: true })).toBeGreaterThan(0)
  },
)
