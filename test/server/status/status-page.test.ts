/** The status page as HTML: what it shows, that nothing gets into it unescaped, and its contrast. */
import { describe, expect, test } from 'vitest'
import type { Status } from '../../../src/server/status/status.ts'
import type { Lookup } from '../../../src/server/status/status-page.ts'
import { renderStatusPage } from '../../../src/server/status/status-page.ts'
import { style } from '../../../src/server/status/style.ts'

const status: Status = {
  version: '1.2.3',
  uptimeSeconds: 7300,
  ready: true,
  lines: ['2 of 2 lists complete'],
  resources: [
    { name: 'nodes', objects: 3, series: 40, bytes: 2048 },
    { name: 'pods', objects: 1234, series: 56_789, bytes: 5_000_000 },
  ],
  families: [{ name: 'kube_pod_info', series: 1234 }],
  isPushConfigured: false,
  destinations: [],
  samples: [],
  settings: [],
}

function pageOf(changes: Partial<Status>, lookup?: Lookup, refreshSeconds?: number): string {
  return renderStatusPage({ status: { ...status, ...changes }, lookup, refreshSeconds, links: [] })
}

/** The text of the page, tags as blanks. */
const textOf = (page: string) =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')

const gauge = (name: string, value: number, labels = {}) => ({ name: `kube_state_otlp_${name}`, value, labels })

describe('what it shows', () => {
  test('readiness, resources and their sums; what is not synced comes first', () => {
    const samples = [
      gauge('reflectors', 1, { resource: 'pods', status: 'synced' }),
      gauge('reflectors', 1, { resource: 'nodes', status: 'listing' }),
      gauge('watch_restarts_total', 2, { resource: 'pods', reason: 'expired' }),
      gauge('watch_restarts_total', 3, { resource: 'pods', reason: 'ended' }),
    ]
    const text = textOf(pageOf({ samples, ready: false }))
    expect(text).toContain('1.2.3, up 2 h')
    expect(text).toContain('not ready 2 of 2 lists complete')
    expect(text).toContain('nodes listing 3 40 2.0 KiB 0 pods synced 1,234 56,789 4.8 MiB 5 all 1,237 56,829 4.8 MiB')
    expect(text).toContain('kube_pod_info 1,234')
  })

  test('who leads, and the shard', () => {
    expect(textOf(pageOf({}))).toContain('Leader no leader election Shard all objects')
    const samples = [
      gauge('leader', 0, { holder: 'pod-b' }),
      { name: 'kube_state_metrics_total_shards', value: 3, labels: {} },
      { name: 'kube_state_metrics_shard_ordinal', value: 2, labels: { shard_ordinal: '2' } },
    ]
    expect(textOf(pageOf({ samples }))).toContain('Leader pod-b Shard 2 of 3')
  })

  test('each destination with its own ledger, outcomes and latency', () => {
    const of = (destination: string, pending: number, counts: number[]) => [
      gauge('push_pending_objects', pending, { destination }),
      gauge('push_last_success_timestamp_seconds', Date.now() / 1000 - 30, { destination }),
      gauge('push_requests_total', 7, { destination, outcome: 'success' }),
      {
        ...gauge('push_duration_seconds', 1, { destination, outcome: 'success' }),
        histogram: { count: counts.reduce((a, b) => a + b), bounds: [0.1, 1], counts },
      },
    ]
    const destinations = [
      { name: 'a', endpoint: 'grpc http://a:4317', lastFailure: undefined },
      { name: 'b', endpoint: 'grpc http://b:4317', lastFailure: { message: 'connection refused', atMs: Date.now() } },
    ]
    const text = textOf(pageOf({ destinations, samples: [...of('a', 11, [98, 2, 0]), ...of('b', 22, [0, 0, 5])] }))
    expect(text).toMatch(
      /a grpc http:\/\/a:4317 ✓ accepted Pending objects 11 .*Last success 30 s ago Last failure none/,
    )
    expect(text).toContain('success 7 Duration of requests: p50 ≤ 100 ms, p99 ≤ 1 s ≤ 100 ms 98 ≤ 1 s 2')
    expect(text).toMatch(
      /b grpc http:\/\/b:4317 ✗ failing Pending objects 22 .*Last failure \d+ ms ago: connection refused/,
    )
    expect(text).toContain('p50 &gt; 1 s, p99 &gt; 1 s more 5')
    expect(textOf(pageOf({}))).toContain('Nothing is pushed')
    expect(textOf(pageOf({ isPushConfigured: true }))).toContain('The push has not begun')
  })

  test('a destination without an answer is neither accepted nor failing', () => {
    const destinations = [{ name: 'a', endpoint: 'grpc http://a:4317', lastFailure: undefined }]
    const text = textOf(pageOf({ destinations }))
    expect(text).toContain('no answer yet Pending objects 0')
    expect(text).toContain('Last success none yet')
    expect(text).not.toMatch(/accepted|failing/)
  })

  test('rules for custom resources with their last errors', () => {
    const labels = { rule: 'height', source: 'rules.yaml:7' }
    const samples = [
      ...['objects', 'samples', 'errors'].map((name, i) => gauge(`custom_resource_rule_${name}`, i + 5, labels)),
      gauge('custom_resource_rule_last_error', 1, { ...labels, object: 'wood/oak', reason: 'no number' }),
    ]
    expect(textOf(pageOf({ samples }))).toContain(
      'Last error height rules.yaml:7 5 6 7 object wood/oak, reason no number',
    )
    expect(pageOf({})).not.toContain('Rules for custom resources')
  })

  test('the configuration: changed keys, and on demand those with their defaults', () => {
    const settings = [
      { key: 'port', value: '8080', source: 'default' },
      { key: 'otlp.endpoint', value: 'http://c:4317', source: 'flag --otlp-endpoint' },
    ]
    expect(textOf(pageOf({ settings }))).toMatch(
      /Configuration Key Value Source otlp\.endpoint http:\/\/c:4317 flag --otlp-endpoint Keys with their defaults \(1\) .*port 8080 default/,
    )
  })

  test('the series of an object, or that there is none', () => {
    const lookup = { resource: 'pods', namespace: 'shop', name: 'web-0' }
    expect(pageOf({}, { ...lookup, text: 'kube_pod_info{pod="web-0"} 1' })).toMatch(
      /<option selected>pods<\/option>.*value="web-0".*<pre[^>]*>kube_pod_info\{pod=&quot;web-0&quot;\} 1<\/pre>/s,
    )
    expect(textOf(pageOf({}, { ...lookup, text: undefined }))).toContain('no object pods shop/web-0 in the store')
  })
})

test('it refreshes itself only if it is asked to', () => {
  expect(pageOf({}, undefined, 5)).toContain('<meta http-equiv="refresh" content="5">')
  expect(pageOf({})).not.toContain('http-equiv')
})

test('nothing that comes from a cluster, a receiver or a query is markup', () => {
  const attack = `"><script>alert('x')</script>&`
  const samples = [
    gauge('reflectors', 1, { resource: 'pods', status: attack }),
    gauge('leader', 0, { holder: attack }),
    gauge('push_requests_total', 1, { outcome: attack }),
    gauge('custom_resource_rule_objects', 1, { rule: attack, source: attack }),
  ]
  const page = pageOf(
    {
      samples,
      version: attack,
      lines: [attack],
      resources: [{ name: attack, objects: 1, series: 1, bytes: 1 }, ...status.resources],
      families: [{ name: attack, series: 1 }],
      destinations: [{ name: attack, endpoint: attack, lastFailure: { message: attack, atMs: 0 } }],
      settings: [{ key: attack, value: attack, source: attack }],
    },
    { resource: attack, namespace: attack, name: attack, text: attack },
  )
  expect(page).not.toContain('<script')
  expect(page).not.toContain(attack)
  expect(page.split('&lt;script&gt;').length).toBeGreaterThan(15)
})

test('it loads nothing from elsewhere', () => {
  expect(pageOf({}, undefined, 5)).not.toMatch(/\b(?:src|url\(|@import|href="http)/)
})

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

test('text has the contrast of WCAG AA, and bars that of graphics, light and dark', () => {
  const schemes = [...style.html.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) =>
    Object.fromEntries(
      [...body.matchAll(/--(\w+): (#\w{6})/g)].map(([, name, colour]): [string, string] => [name ?? '', colour ?? '']),
    ),
  )
  expect(schemes).toHaveLength(2)
  for (const { paper = '', bar = '', line: _, ...texts } of schemes) {
    for (const [name, colour] of Object.entries(texts)) expect(contrast(colour, paper), name).toBeGreaterThan(4.5)
    expect(contrast(bar, paper)).toBeGreaterThan(2.5)
  }
})
