/** The configuration file: the keys of kube-state-metrics, additional sections, and errors. */
import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
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
pod: shards-1
auto-gomemlimit: true
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
      pod: { namespace: 'here', statefulSet: 'shards', ordinal: 1 },
    })
    expect(config.server.limits.readMs).toBe(60_000)
    expect(config.otlp.endpoint).toEqual({ target: 'collector:4317', tls: false, url: 'http://collector:4317' })
    expect(config.otlp.constantLabels).toEqual(new Map(Object.entries({ cluster: 'prod', version: '1.10' })))
    expect(config.telemetry.logLevel).toBe('debug')
    expect(notices).toEqual([{ message: expect.stringContaining('auto-gomemlimit') }])
  })

  it.each(['', '# nothing', '---\n', 'null', 'otlp:', '{}'])('names nothing: %j', (file) => {
    expect(accepted({ file }).sources.size).toBe(1)
  })

  it('keeps the notation of strings that look like numbers', () => {
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

  it('of kube-state-metrics v2.20 loads unchanged, with every key at its empty value', () => {
    const file = `
config: ""
continue_without_config: false
continue_without_custom_resource_state_config_file: false
custom_resource_config: ""
custom_resource_config_file: ""
custom_resource_state_config_file: ""
custom_resources_only: false
help: false
namespace: ""
auto-gomemlimit: false
auto-gomemlimit-ratio: 0
pod: ""
tls_config: ""
auth_filter: false
total_shards: 0
shard: 0
node: ""
apiserver: ""
kubeconfig: ""
object_limit: 0
port: 8080
resources: {}
metric_allowlist: {}
`
    const { config, notices } = accepted({ file })
    expect(config).toEqual(accepted({}).config)
    expect(notices).toEqual([])
  })

  it('names keys without effect, if they have a value', () => {
    const { notices } = accepted({ file: 'help: true\ncontinue_without_config: true\nauto-gomemlimit: true' })
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/: help, continue_without_config, auto-gomemlimit$/),
    ])
  })

  const argv = [
    ...['--resources=pods', '--metric-denylist=a', '--metric-opt-in-list=b', '--namespaces=c'],
    ...['--metric-labels-allowlist=pods=[d]', '--metric-annotations-allowlist=pods=[e]'],
  ]
  const ofFlags = accepted({ argv }).config.selection
  const ofNothing = accepted({}).config.selection

  it.each(['resources', 'metric_denylist', 'metric_opt_in_list'])('keeps the flag beside an empty map: %s', (key) => {
    expect(accepted({ argv, file: `${key}: {}` }).config.selection).toEqual(ofFlags)
  })

  it('keeps the allow list beside an empty map', () => {
    const allow = ['--metric-allowlist=a']
    expect(accepted({ argv: allow, file: 'metric_allowlist: {}' }).config).toEqual(accepted({ argv: allow }).config)
  })

  it.each([
    ['resources', 'resources'],
    ['metric_denylist', 'metricDenylist'],
    ['metric_opt_in_list', 'metricOptInList'],
    ['namespaces', 'namespaces'],
    ['labels_allow_list', 'labelsAllowList'],
    ['annotations_allow_list', 'annotationsAllowList'],
  ] as const)('empties a collection that has no value: %s', (key, name) => {
    const loaded = accepted({ argv, file: `${key}:` })
    expect(loaded.config.selection).toEqual({ ...ofFlags, [name]: ofNothing[name] })
    expect(describeConfig(loaded).find((one) => one.key === key)?.source).toBe('given.yml:1')
  })

  it.each([
    ['otlp: {endpont: x}', 'otlp.endpont (given.yml:1): expected a known key; did you mean otlp.endpoint?'],
    [
      '\nmetric_allow_list: {}',
      'metric_allow_list (given.yml:2): expected a known key; did you mean metric_allowlist?',
    ],
    ['endpoint: x', 'endpoint (given.yml:1): expected a known key; did you mean otlp.endpoint?'],
    [
      'max-stale-markers: 1',
      'max-stale-markers (given.yml:1): expected a known key; did you mean push.max_stale_markers?',
    ],
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
