/** The receiver as a process of its own. */

import { expect, it, onTestFinished } from 'vitest'
import { firstMark, markMetric } from '../../../bench/program/marks.ts'
import { startSink } from '../../../bench/program/sink-process.ts'
import { messageType } from '../../../simulator/otlp/message-types.ts'
import { exportUrlPath } from '../../../simulator/otlp/otlp-http-endpoint.ts'

const point = (value: number) => ({ asInt: value })

it('counts what it receives, and records the first arrival of each mark', async () => {
  const sink = await startSink()
  onTestFinished(() => sink.stop())
  const send = async (...values: number[]) => {
    const metrics = [{ name: markMetric, sum: { dataPoints: values.map(point) } }]
    const body = messageType('ExportMetricsServiceRequest').encode({
      resourceMetrics: [{ scopeMetrics: [{ metrics }] }],
    })
    const headers = { 'content-type': 'application/x-protobuf' }
    const url = `http://${sink.httpAddress}${exportUrlPath}`
    expect((await fetch(url, { method: 'POST', headers, body: Buffer.from(body.finish()) })).status).toBe(200)
  }
  const beforeMs = Date.now()
  await send(3, firstMark, firstMark + 1)
  const first = await sink.report()
  await send(firstMark + 1, firstMark + 2)
  const second = await sink.report()
  expect(first).toMatchObject({ requests: 1, points: 3, stale: 0 })
  expect(second).toMatchObject({ requests: 2, points: 5 })
  expect(second.bytes).toBeGreaterThan(first.bytes)
  expect(second.arrivals.map(([mark]) => mark)).toEqual([firstMark, firstMark + 1, firstMark + 2])
  expect(second.arrivals.slice(0, 2)).toEqual(first.arrivals)
  for (const [, ms] of second.arrivals) expect(ms).toBeGreaterThanOrEqual(beforeMs)
})
