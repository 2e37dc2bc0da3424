/** Rates, the distribution of the refresh, and the counters of the self-metrics page. */
import { expect, test } from 'vitest'
import { parseSelfPage } from '../../demo/push-counts.ts'
import { createRateMeter } from '../../demo/rate-meter.ts'
import { createRefreshMeter } from '../../demo/refresh-meter.ts'

test('rates are computed over the window', () => {
  const meter = createRateMeter(2000)
  const totals = (points: number) => ({ points, bytes: 10 * points, requests: 1 })
  expect(meter.read(0, totals(100))).toEqual({ points: 0, bytes: 0, requests: 0 })
  expect(meter.read(1000, totals(150))).toEqual({ points: 50, bytes: 500, requests: 0 })
  expect(meter.read(2000, totals(150)).points).toBe(25)
  expect(meter.read(3000, totals(150)).points).toBe(0)
})

/** Ticks one second apart, each with the given number of points of its own object. */
const refreshed = (meter: ReturnType<typeof createRefreshMeter>, ticks: readonly number[]) => {
  for (const [tick, points] of ticks.entries()) {
    const sentMs = tick * 1000
    for (let point = 0; point < points; point++)
      meter.arrived({ owner: `pods ${tick}`, sentMs: sentMs + point, isNew: false })
  }
}

test('the refresh is measured over complete ticks, once there are enough', () => {
  const meter = createRefreshMeter()
  refreshed(meter, [3, 3, 3, 3, 3])
  expect(meter.evenness()).toBeUndefined()
  refreshed(meter, [6])
  expect(meter.evenness()).toEqual({ ticks: [3, 3, 3, 3, 3], mean: 3, highest: 3 })
})

test('an object that was sent because it changed is excluded, regardless of the position of its new points', () => {
  const meter = createRefreshMeter()
  refreshed(meter, [2, 2, 2, 2])
  const points = [false, true, false].map((isNew) => ({ owner: 'pods changed', sentMs: 4000, isNew }))
  for (const point of [...points, { owner: 'pods other', sentMs: 4001, isNew: false }]) meter.arrived(point)
  meter.arrived({ owner: 'pods changed', sentMs: 5000, isNew: true })
  meter.arrived({ owner: 'pods next', sentMs: 6000, isNew: false })
  expect(meter.evenness()?.ticks).toEqual([2, 2, 2, 2, 1])
})

test('the self-metrics page has the acknowledged and the failed requests', () => {
  const page = `
# TYPE kube_state_otlp_push_requests_total counter
kube_state_otlp_push_requests_total{destination="default",outcome="success"} 7
kube_state_otlp_push_requests_total{destination="default",outcome="partial",otel_scope_name="x"} 1
kube_state_otlp_push_requests_total{destination="default",outcome="retryable"} 2
kube_state_otlp_push_points_total{destination="default",outcome="success"} 1200
kube_state_otlp_push_points_total{destination="default",outcome="retryable"} 99
kube_state_otlp_push_points_rejected_total 5
kube_state_otlp_push_bytes_total{destination="default",outcome="success"} 5e+3
kube_state_otlp_push_requests_in_flight{destination="default",otel_scope_name="x"} 3
kube_state_otlp_push_pending_objects 8
`
  expect(parseSelfPage(page)).toEqual({ points: 1200, bytes: 5000, requests: 8, failed: 2, inFlight: 3 })
})
