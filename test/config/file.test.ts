/** The configuration file: kube-state-metrics' keys, our sections, and what is said of a wrong one. */
import { describe, expect, it } from 'vitest'
import { accepted, refused } from './inputs.ts'

describe('the file', () => {
  it("takes kube-state-metrics' keys and our sections", () => {
    const { config, notices } = accepted({
      file: `
resources: {pods: {}, nodes: {}}
metric_opt_in_list: {kube_pod_nodeselectors: {}}
labels_allow_list:
  pods: [app, "team-*"]
  nodes:
annotations_allow_list: {"*": ["*"]}
namespaces: [a, b]
track_unscheduled_pods: yes
server_read_timeout: 1m
use_api_server_cache: true
namespace: here
otlp:
  endpoint: collector
  insecure: true
  constant_labels: {cluster: prod, version: 1.10}
push:
telemetry: {log_level: debug}
`,
    })
    expect(config.selection).toMatchObject({
      resources: ['pods', 'nodes'],
      metricOptInList: ['kube_pod_nodeselectors'],
      labelsAllowList: new Map(Object.entries({ pods: ['app', 'team-*'], nodes: [] })),
      annotationsAllowList: new Map([['*', ['*']]]),
      namespaces: ['a', 'b'],
      trackUnscheduledPods: true,
    })
    expect(config.server.limits.readMs).toBe(60_000)
    expect(config.otlp.endpoint).toEqual({ target: 'collector:4317', tls: false, url: 'http://collector:4317' })
    expect(config.otlp.constantLabels).toEqual(new Map(Object.entries({ cluster: 'prod', version: '1.10' })))
    expect(config.telemetry.logLevel).toBe('debug')
    expect(notices).toEqual([{ message: expect.stringContaining('namespace') }])
  })

  it.each(['', '# nothing', '---\n', 'null', 'otlp:', '{}'])('names nothing: %j', (file) => {
    expect(accepted({ file }).sources.size).toBe(1)
  })

  it('keeps the notation of words that look like numbers', () => {
    expect(accepted({ file: 'context: 007' }).config.kubernetes.context).toBe('007')
    expect(accepted({ file: 'port: 0x50' }).config.server.port).toBe(80)
    expect(accepted({ file: 'otlp: {max_request_bytes: 1_000_000}' }).config.otlp.maxRequestBytes).toBe(1_000_000)
  })

  it('reads text as flags have it, and follows anchors', () => {
    const { selection } = accepted({
      file: 'resources: pods, nodes\nnamespaces: &n [a]\nnamespaces_denylist: *n',
    }).config
    expect(selection.resources).toEqual(['pods', 'nodes'])
    expect(selection.namespacesDenylist).toEqual(['a'])
  })

  it.each([
    ['otlp: {endpont: x}', 'otlp.endpont (given.yml:1): expected a known key; did you mean otlp.endpoint?'],
    [
      '\nmetric_allow_list: {}',
      'metric_allow_list (given.yml:2): expected a known key; did you mean metric_allowlist?',
    ],
    ['endpoint: x', 'endpoint (given.yml:1): expected a known key; did you mean otlp.endpoint?'],
    ['max-departed: 1', 'max-departed (given.yml:1): expected a known key; did you mean push.max_departed?'],
    ['xyzzy: 1', 'xyzzy (given.yml:1): expected a known key'],
    ['constructor: 1', 'constructor (given.yml:1): expected a known key'],
    ['otlp.endpoint: x', 'otlp.endpoint (given.yml:1): expected endpoint below the section otlp'],
    ['config: x', 'config (given.yml:1): expected as flag or variable only, not in the file'],
    ['push: 5', 'push (given.yml:1): expected a section: keys of push, indented below it'],
    ['- a', 'config (given.yml): expected a map of keys'],
    ['port: [1]', 'port (given.yml:1): expected a whole number from 0 to 65535, got ["1"]'],
    ['namespaces: [[a]]', 'namespaces (given.yml:1): expected a list of names, got [["a"]]'],
    ['labels_allow_list: {pods: "*"}', /^labels_allow_list \(given.yml:1\): expected a map of resources to lists/],
    ['labels_allow_list: {pods: ["*a*"]}', /expected one \* in each key at most; pods has "\*a\*"/],
    ['push: {interval: 60}', /^push.interval \(given.yml:1\): expected a duration with its unit/],
    ['push:\n  interval: 1m\n  interval: 2m', /^config \(given.yml:3\): expected YAML: .*unique/],
    ['a: [', /^config \(given.yml:1\): expected YAML: /],
  ])('%j is refused in words', (file, line) => {
    const lines = refused({ file })
    expect(lines[0]).toEqual(typeof line === 'string' ? line : expect.stringMatching(line))
  })
})
