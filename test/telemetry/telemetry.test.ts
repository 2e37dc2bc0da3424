import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createLog } from '../../src/telemetry/log.ts'
import { goTypeName } from '../../src/telemetry/self-metrics.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import { reportEverything } from './every-report.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  vi.unstubAllEnvs()
})

async function startTelemetry() {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const log = createLog({ level: 'debug', format: 'json', destination })
  const telemetry = await createTelemetry({
    log,
    serviceInstanceId: 'self-1',
    version: '1.2.3',
    revision: 'abc',
  })
  let running = true
  const shutdown = async () => {
    if (running) await telemetry.shutdown()
    running = false
  }
  closers.push(shutdown)
  return { ...telemetry, shutdown, records }
}

describe('page', () => {
  test('shows every metric under the very name it was declared with', async () => {
    const { metrics, page } = await startTelemetry()
    reportEverything(metrics)
    // The event loop has no delay to show before its first tick.
    const text = await vi.waitFor(async () => {
      const current = await page()
      expect(current).toContain('event_loop')
      return current
    })
    const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    expect(declared.sort()).toEqual(
      [
        'http_request_duration_seconds histogram',
        'kube_state_metrics_build_info gauge',
        'kube_state_metrics_config_hash gauge',
        'kube_state_metrics_custom_resource_state_add_events_total counter',
        'kube_state_metrics_custom_resource_state_delete_events_total counter',
        'kube_state_metrics_last_config_reload_success_timestamp_seconds gauge',
        'kube_state_metrics_last_config_reload_successful gauge',
        'kube_state_metrics_list_total counter',
        'kube_state_metrics_shard_ordinal gauge',
        'kube_state_metrics_total_shards gauge',
        'kube_state_metrics_watch_total counter',
        'kube_state_otlp_decode_errors_total counter',
        'kube_state_otlp_duplicate_observations_total counter',
        'kube_state_otlp_event_loop_delay_seconds gauge',
        'kube_state_otlp_family_errors_total counter',
        'kube_state_otlp_object_errors_total counter',
        'kube_state_otlp_objects gauge',
        'kube_state_otlp_push_bytes_total counter',
        'kube_state_otlp_push_stale_markers_dropped_total counter',
        'kube_state_otlp_push_duration_seconds histogram',
        'kube_state_otlp_push_objects_set_aside_total counter',
        'kube_state_otlp_push_points_rejected_total counter',
        'kube_state_otlp_push_points_total counter',
        'kube_state_otlp_push_requests_total counter',
        'kube_state_otlp_scrape_bytes_total counter',
        'kube_state_otlp_scrape_duration_seconds histogram',
        'kube_state_otlp_watch_events_total counter',
        'kube_state_otlp_watch_restarts_total counter',
        'nodejs_external_memory_bytes gauge',
        'nodejs_heap_total_bytes gauge',
        'nodejs_heap_used_bytes gauge',
        'process_cpu_seconds_total counter',
        'process_max_fds gauge',
        'process_open_fds gauge',
        'process_resident_memory_bytes gauge',
        'process_start_time_seconds gauge',
      ].sort(),
    )
  })

  test("shows the series that KSM's alert rules select", async () => {
    const { metrics, page } = await startTelemetry()
    reportEverything(metrics)
    const lines = (await page()).split('\n')
    for (const line of [
      'kube_state_metrics_list_total{resource="*v1.Deployment",result="success"} 1',
      'kube_state_metrics_list_total{resource="*v1.Deployment",result="error"} 0',
      'kube_state_metrics_watch_total{resource="*v1.Pod",result="error"} 1',
      'kube_state_metrics_total_shards 2',
      'kube_state_metrics_shard_ordinal{shard_ordinal="1"} 1',
      'kube_state_metrics_last_config_reload_successful{type="config",filename="config.yml"} 1',
      'http_request_duration_seconds_bucket{handler="metrics",method="get",status="200",le="0.25"} 1',
      'http_request_duration_seconds_count{handler="metrics",method="get",status="200"} 1',
      'kube_state_otlp_watch_events_total{resource="pods",event="added"} 2',
      'kube_state_otlp_push_stale_markers_dropped_total{destination="default"} 3',
      'kube_state_otlp_push_points_total{destination="default",outcome="success"} 1000',
      'kube_state_otlp_objects{resource="nodes"} 0',
    ])
      expect(lines).toContain(line)
    expect(lines.find((line) => line.startsWith('kube_state_metrics_build_info'))).toMatch(
      /revision="abc".*version="1.2.3"/,
    )
  })

  test('counters whose labels are known are 0 before anything happens', async () => {
    const { metrics, page } = await startTelemetry()
    expect(await page()).toContain('\nkube_state_metrics_custom_resource_state_add_events_total 0\n')
    metrics.destination('default')
    expect(await page()).toContain('\nkube_state_otlp_push_stale_markers_dropped_total{destination="default"} 0\n')
  })

  test('after a rejected configuration hash and time are those of the current one', async () => {
    const { metrics, page } = await startTelemetry()
    const readConfigLines = async () =>
      (await page()).split('\n').filter((line) => /^kube_state_metrics_(config_hash|last_config_reload)/.test(line))
    metrics.configReload({ type: 'config', filename: 'a.yml', content: Buffer.from('one') })
    const before = await readConfigLines()
    metrics.configReload({ type: 'config', filename: 'a.yml' })
    const after = await readConfigLines()
    const [accepted, refused] = ['1', '0'].map(
      (value) => `kube_state_metrics_last_config_reload_successful{type="config",filename="a.yml"} ${value}`,
    )
    expect(before).toHaveLength(3)
    expect(before).toContain(accepted)
    expect(after).toEqual(before.map((line) => (line === accepted ? refused : line)))
    metrics.configReload({ type: 'config', filename: 'a.yml', content: Buffer.from('two') })
    const hashes = [before, await readConfigLines()].map((lines) => lines.find((line) => line.includes('config_hash')))
    expect(hashes[0]).not.toEqual(hashes[1])
    metrics.configRemoved({ type: 'config', filename: 'a.yml' })
    expect(await readConfigLines()).toEqual([])
  })

  test('a gauge set that is no longer observed is gone', async () => {
    const { metrics, page } = await startTelemetry()
    let resources = ['pods', 'nodes']
    metrics.observeGauge('kube_state_otlp_objects', 'Objects held.', () =>
      resources.map((resource) => ({ value: 1, attributes: { resource } })),
    )
    expect(await page()).toContain('kube_state_otlp_objects{resource="nodes"} 1')
    resources = ['pods']
    const later = await page()
    expect(later).toContain('kube_state_otlp_objects{resource="pods"} 1')
    expect(later).not.toContain('nodes')
  })

  test('a gauge that throws costs only itself and is logged once', async () => {
    const { metrics, page, records } = await startTelemetry()
    metrics.observeGauge('kube_state_otlp_objects', 'Objects held.', () => {
      throw new Error('store is closed')
    })
    for (let i = 0; i < 3; i++) expect(await page()).toContain('process_open_fds')
    expect(records.filter(({ reason }) => String(reason).includes('store is closed'))).toHaveLength(1)
  })
})

describe('Go type names', () => {
  test.each([
    ['v1', 'Pod', '*v1.Pod'],
    ['apps/v1', 'Deployment', '*v1.Deployment'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler', '*v2.HorizontalPodAutoscaler'],
  ])('%s %s is %s', (apiVersion, kind, expected) => expect(goTypeName(apiVersion, kind)).toBe(expected))
})

/** Prints every module that is resolved, so that the test sees what an import drags in. */
const loadProbe = `
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      console.log(found.url)
      return found
    },
  })
`

test('importing telemetry loads no SDK', () => {
  const script = `
    import { createSilentSelfMetrics } from './src/telemetry/self-metrics.ts'
    import './src/telemetry/telemetry.ts'
    createSilentSelfMetrics().decodeError('pods')
  `
  const probe = `data:text/javascript,${encodeURIComponent(loadProbe)}`
  const resolved = execFileSync(process.execPath, ['--import', probe, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(resolved).toMatch(/telemetry\.ts/)
  expect(resolved).not.toMatch(/sdk-metrics|exporter-|grpc-js/)
})
