/** The list of destinations: what each of them gets from its keys, the sections and the defaults, and what is refused. */
import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { accepted, refused } from './inputs.ts'

const two = `
otlp:
  endpoint: http://collector:4317
  headers: {authorization: Bearer s3cret}
  constant_labels: {cluster: prod}
  instance_id: c1
push: {interval: 30s, flush_interval: 500ms}
destinations:
  - name: mimir
    endpoint: https://mimir.example/otlp
    protocol: http/protobuf
    compression: zstd
    headers: {x-scope-orgid: team-a}
    timeout: 5s
    interval: 2m
    metric_denylist: [kube_secret_.*]
    namespaces: [web, db]
  - {name: archive, endpoint: 'archive:4317', insecure: true, constant_labels: {cluster: old}}
`

describe('destinations', () => {
  it('are that of the section and those of the list, each with values of its own', () => {
    const [section, mimir, archive, ...others] = accepted({ file: two }).config.destinations
    expect(others).toEqual([])
    expect(section).toMatchObject({
      name: 'default',
      endpoint: { url: 'http://collector:4317' },
      intervalMs: 30_000,
      selection: { metricAllowlist: [], metricDenylist: [], namespaces: [], namespacesDenylist: [] },
    })
    expect(mimir).toMatchObject({
      name: 'mimir',
      endpoint: { url: 'https://mimir.example:443/otlp/v1/metrics', tls: true },
      protocol: 'http/protobuf',
      compression: 'zstd',
      headers: new Map([['x-scope-orgid', 'team-a']]),
      timeoutMs: 5000,
      intervalMs: 120_000,
      selection: { metricDenylist: ['kube_secret_.*'], namespaces: ['web', 'db'] },
    })
    expect(archive).toMatchObject({ endpoint: { target: 'archive:4317', tls: false }, intervalMs: 30_000 })
  })

  it('inherit the identity of the cluster and the schedule, and no credentials', () => {
    const [, mimir, archive] = accepted({ file: two }).config.destinations
    expect(mimir).toMatchObject({ instanceId: 'c1', constantLabels: new Map([['cluster', 'prod']]) })
    expect(mimir).toMatchObject({ flushIntervalMs: 500, maxStaleMarkers: 1_000_000 })
    expect(archive).toMatchObject({ headers: new Map(), constantLabels: new Map([['cluster', 'old']]) })
  })

  it('may be named by the list alone, and self-metrics go to the first or the one that is named', () => {
    const file = 'destinations: [{name: a, endpoint: "http://a:1"}, {name: b, endpoint: "http://b:1"}]\n'
    const { destinations, telemetry, otlp } = accepted({ file }).config
    expect(destinations.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(otlp.endpoint).toBeUndefined()
    expect(telemetry).toMatchObject({ otlp: true, destination: undefined })
    expect(accepted({ file: `${file}telemetry: {destination: b}` }).config.telemetry.destination).toBe('b')
  })

  it('can be given as YAML in flags and variables', () => {
    const text = '[{name: a, endpoint: "http://a:1", max_in_flight: 2}]'
    for (const given of [{ argv: [`--destinations=${text}`] }, { env: { KUBE_STATE_OTLP_DESTINATIONS: text } }]) {
      expect(accepted(given).config.destinations).toMatchObject([{ name: 'a', maxInFlight: 2 }])
    }
  })

  it('are printed without their headers', () => {
    const described = describeConfig(accepted({ file: two })).find(({ key }) => key === 'destinations')
    expect(described?.value).toMatchObject([{ name: 'mimir', headers: '(hidden)', timeout: '5s' }, { name: 'archive' }])
    expect(JSON.stringify(described)).not.toContain('team-a')
  })
})

describe('refused', () => {
  const list = (text: string, rest = '') => refused({ file: `destinations: ${text}\n${rest}` })

  it.each([
    ['{a: 1}', [/^destinations \(given.yml:1\): expected a list of maps, each with a name and an endpoint/]],
    ['[text]', [/^destinations .*expected a list of maps/]],
    ['[{}]', [/^destinations\[0\]\.name .*expected a name/, /^destinations\[0\]\.endpoint .*expected the URL/]],
    ['[{name: A_b, endpoint: "h:1"}]', [/^destinations\[0\]\.name .*lower-case letters, digits and dashes, got "A_b"/]],
    ['[{name: a, endpoint: "h:1", namespace: x}]', [/^destinations\[0\]\.namespace .*did you mean namespaces/]],
    ['[{name: a, endpoint: "h:1", timeout: soon}]', [/^destinations\[0\]\.timeout .*expected a duration.*got "soon"/]],
    ['[{name: a, endpoint: "http://h/x"}]', [/^destinations\[0\]\.endpoint .*belongs to protocol http\/protobuf/]],
    ['[{name: a, endpoint: "h:1", compression: zstd}]', [/^destinations\[0\]\.compression .*expected none or gzip/]],
    ['[{name: a, endpoint: "h:1", client_key: /k}]', [/^destinations\[0\]\.client_key .*with client_certificate/]],
    [
      '[{name: a, endpoint: "h:1", interval: 5s, flush_interval: 6s}]',
      [/^destinations\[0\]\.flush_interval .*at most/],
    ],
    ['[{name: a, endpoint: "h:1", constant_labels: {pod: x}}]', [/^destinations\[0\]\.constant_labels .*got "pod"/]],
    ['[{name: a, endpoint: "h:1", metric_allowlist: [x], metric_denylist: [y]}]', [/metric_denylist .*exclude each/]],
    ['[{name: a, endpoint: "h:1", metric_allowlist: ["["]}]', [/^destinations\[0\]\.metric_allowlist .*neither/]],
    ['[{name: a, endpoint: "h:1"}, {name: a, endpoint: "h:2"}]', [/^destinations\[1\]\.name .*distinct names/]],
  ])('%s', (text, expected) => {
    expect(list(text)).toEqual(expected.map((line) => expect.stringMatching(line)))
  })

  it('the name of the section beside it, and an unknown destination of self-metrics', () => {
    expect(list('[{name: default, endpoint: "h:1"}]', 'otlp: {endpoint: "http://c"}')).toEqual([
      expect.stringMatching(/^destinations\[0\]\.name .*that of otlp\.endpoint is named so/),
    ])
    expect(list('[{name: a, endpoint: "h:1"}]', 'telemetry: {destination: b}')).toEqual([
      expect.stringMatching(/^telemetry\.destination \(given.yml:2\): expected the name of a destination: a, got "b"/),
    ])
  })

  it('several mistakes at once, without values of headers', () => {
    const lines = list('[{name: a, endpoint: "h:1", headers: {"x y": s3cret}, timeout: 1}, {name: b}]')
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'destinations[0].headers',
      'destinations[0].timeout',
      'destinations[1].endpoint',
    ])
    expect(lines.join()).not.toContain('s3cret')
    expect(list('secret').join()).not.toContain('secret')
  })
})
