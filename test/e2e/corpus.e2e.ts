/**
 * Every object of the conformance cases in a real API server: the product serves and pushes the series that `render` prints for
 * the same objects as the server returns them.
 */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { resourceNames } from '../../src/config/resource-names.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import { relevantLines } from '../conformance/cases.ts'
import type { ApiServer } from './api-server.ts'
import { startApiServer } from './api-server.ts'
import { corpusOf, storeAll } from './corpus.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitFor, waitForUrl } from './peers.ts'
import { renderLists, steadyLines } from './rendered-lists.ts'
import { compareSeries, isEqual, parsePage } from './series.ts'

const flags = [
  `--resources=${resourceNames.join(',')}`,
  '--metric-labels-allowlist=*=[*]',
  '--metric-annotations-allowlist=*=[*]',
  '--metric-opt-in-list=.*',
]

let server: ApiServer
let receiver: OtlpReceiver
let product: Peer
let page: string

beforeAll(async () => {
  server = await startApiServer()
  receiver = await createOtlpReceiver({})
  for (const resource of resources) await storeAll(server, resource, corpusOf(resource))
  const [port, telemetryPort] = await Promise.all([freePort(), freePort()])
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-corpus-'))
  const command = [
    process.execPath,
    'bin/kube-state-otlp.js',
    `--kubeconfig=${server.kubeconfig}`,
    `--otlp-endpoint=http://${receiver.grpcAddress}`,
    '--otlp-instance-id=corpus',
    '--telemetry-otlp=false',
    '--host=127.0.0.1',
    '--telemetry-host=127.0.0.1',
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
  ]
  product = startPeer('product', [...command, ...flags], folder)
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  page = `http://127.0.0.1:${port}/metrics`
})

afterAll(async () => {
  await product?.stop()
  await receiver?.close()
  await server?.stop()
})

const renderServer = () => renderLists(server, resources, flags)

test('shows what render says', async () => {
  await waitFor('the same page', async () => {
    const [shown, rendered] = await Promise.all([(await fetch(page)).text(), renderServer()])
    return relevantLines(shown).length === relevantLines(rendered).length ? true : undefined
  })
  const [shown, rendered] = await Promise.all([(await fetch(page)).text(), renderServer()])
  expect(steadyLines(shown)).toEqual(steadyLines(rendered))
  console.log(`${relevantLines(shown).length} lines of ${resources.length} resources`)
})

test('pushes what it shows', async () => {
  await waitFor('the same series at the receiver', async () => {
    const shown = parsePage(await (await fetch(page)).text())
    const held = parsePage([...receiver.liveSet.live()].map(([name, value]) => `${name} ${value}`).join('\n'))
    return isEqual(compareSeries(shown, held)) ? true : undefined
  })
  expect([...receiver.liveSet.problems]).toEqual([])
})
