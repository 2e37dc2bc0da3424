/** Precedence of the layers, problems that are reported together, and rules across keys. */
import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { accepted, load, refused } from './inputs.ts'

describe('precedence', () => {
  const env = { KUBE_STATE_OTLP_SHARD: '1', KUBE_STATE_OTLP_TOTAL_SHARDS: '9' }
  const argv = ['--shard=2', '--total-shards=9']
  const file = 'shard: 3\ntotal_shards: 9'

  it.each([
    ['default', {}, 0, 'default'],
    ['environment', { env }, 1, 'variable KUBE_STATE_OTLP_SHARD'],
    ['flags over environment', { env, argv }, 2, 'flag --shard'],
    ['file over all', { env, argv, file }, 3, 'given.yml:1'],
    ['file over environment', { env, file }, 3, 'given.yml:1'],
    ['a file that does not name it', { argv, file: 'total_shards: 9' }, 2, 'flag --shard'],
    ['a file that names it without a value', { argv, file: 'shard:' }, 2, 'flag --shard'],
  ])('%s', (_, given, shard, source) => {
    const loaded = accepted(given)
    expect(loaded.config.selection.shard).toBe(shard)
    expect(describeConfig(loaded).find(({ key }) => key === 'shard')).toEqual({ key: 'shard', value: shard, source })
  })

  it('replaces maps and lists that a higher layer names, as a whole', () => {
    const { selection } = accepted({
      argv: ['--metric-labels-allowlist=pods=[a],nodes=[b]', '--namespaces=x,y', '--namespaces-denylist=z'],
      file: 'labels_allow_list: {services: [c]}\nnamespaces: [w]',
    }).config
    expect(selection.labelsAllowList).toEqual(new Map([['services', ['c']]]))
    expect(selection.namespaces).toEqual(['w'])
    expect(selection.namespacesDenylist).toEqual(['z'])
  })

  it('takes the path of the file from the environment too, and a flag over it', () => {
    const env = { KUBE_STATE_OTLP_CONFIG: 'nowhere.yml' }
    expect(refused({ env })).toEqual([
      'config (variable KUBE_STATE_OTLP_CONFIG): expected a readable file (ENOENT), got "nowhere.yml"',
    ])
    const { config, file } = accepted({ env, file: 'port: 1' })
    expect(config.server.port).toBe(1)
    expect(file).toEqual({ path: 'given.yml', text: 'port: 1' })
  })

  it('continues without a missing file only with --continue-without-config', () => {
    const loaded = accepted({ argv: ['--config=nowhere.yml', '--continue-without-config', '--port=1'] })
    expect(loaded.config.server.port).toBe(1)
    expect(loaded.notices).toEqual([
      { message: 'the configuration file nowhere.yml does not exist; continuing without it' },
    ])
  })
})

describe('the configuration', () => {
  it('has these defaults', () => {
    expect(accepted({}).config).toEqual({
      customResources: { texts: [], only: false },
      limits: { series: 0, perResource: new Map(), perFamily: new Map() },
      leaderElection: {
        enabled: false,
        leaseName: 'kube-state-otlp',
        shardLeasePrefix: undefined,
        namespace: undefined,
        identity: undefined,
        durationMs: 15_000,
        renewDeadlineMs: 10_000,
        retryMs: 2000,
      },
      selection: {
        resources: undefined,
        metricAllowlist: [],
        metricDenylist: [],
        metricOptInList: [],
        labelsAllowList: new Map(),
        annotationsAllowList: new Map(),
        namespaces: [],
        namespacesDenylist: [],
        node: undefined,
        trackUnscheduledPods: false,
        shard: 0,
        totalShards: 1,
        shardMethod: 'jump',
        pod: undefined,
      },
      kubernetes: {
        kubeconfig: undefined,
        context: undefined,
        apiserver: undefined,
        protobuf: true,
        watchList: true,
        objectLimit: 0,
        useCache: false,
        pageLimit: 500,
        gzip: false,
        silentTimeoutMs: 180_000,
      },
      otlp: {
        endpoint: undefined,
        headers: new Map(),
        bearerTokenFile: undefined,
        compression: 'none',
        timeoutMs: 10_000,
        maxRequestBytes: 1_000_000,
        maxInFlight: 4,
        protocol: 'grpc',
        certificate: undefined,
        clientCertificate: undefined,
        clientKey: undefined,
        retryResourceExhausted: false,
        loadBalancing: 'pick_first',
        serviceNamespace: undefined,
        instanceId: undefined,
        constantLabels: new Map(),
      },
      destinations: [],
      push: { intervalMs: 60_000, flushIntervalMs: 1000, maxStaleMarkers: 1_000_000, shutdownGraceMs: 5000 },
      server: {
        host: '::',
        port: 8080,
        telemetryHost: '::',
        telemetryPort: 8081,
        profiling: false,
        authFilter: false,
        gzip: false,
        limits: { readMs: 60_000, readHeaderMs: 5000, writeMs: 60_000, idleMs: 300_000, maxConnections: 250 },
        sliceRows: 2000,
        scrapes: { running: 4, queued: 8, queuedMs: 10_000 },
      },
      telemetry: {
        logLevel: 'info',
        logFormat: 'json',
        otlp: false,
        destination: undefined,
        kubeStateMetricsJob: true,
        instanceId: undefined,
      },
    })
  })

  it('is frozen', () => {
    const { config } = accepted({ argv: ['--namespaces=a'] })
    expect(() => Object.assign(config, { push: null })).toThrow(TypeError)
    expect(() => Object.assign(config.push, { intervalMs: 1 })).toThrow(TypeError)
    expect(() => (config.selection.namespaces as string[]).push('b')).toThrow(TypeError)
  })

  it('pushes self-telemetry when there is an endpoint, unless --telemetry-otlp=false', () => {
    const argv = ['--otlp-endpoint=http://collector']
    expect(accepted({ argv }).config.telemetry.otlp).toBe(true)
    expect(accepted({ argv: [...argv, '--telemetry-otlp=false'] }).config.telemetry.otlp).toBe(false)
  })

  it('hides the login of a URL that it refuses', () => {
    const problems = refused({ argv: ['--otlp-endpoint=http://me:secret@collector:4317'] }).join()
    expect(problems).toContain('http://(hidden)@collector:4317')
    expect(problems).not.toContain('secret')
  })

  it('hides secrets in its description and in errors', () => {
    const loaded = accepted({ argv: ['--otlp-headers=authorization=Bearer%20s3cret'] })
    expect(loaded.config.otlp.headers.get('authorization')).toBe('Bearer s3cret')
    expect(JSON.stringify(describeConfig(loaded))).not.toContain('s3cret')
    expect(describeConfig(loaded)).toContainEqual({
      key: 'otlp.headers',
      value: '(hidden)',
      source: 'flag --otlp-headers',
    })
    expect(refused({ argv: ['--otlp-headers=Bearer s3cret=='] }).join()).not.toContain('s3cret')
    expect(refused({ file: 'otlp: {headers: [s3cret]}' }).join()).not.toContain('s3cret')
  })
})

describe('problems', () => {
  it('are reported together, from every layer, each with key, source, value and a correction', () => {
    const lines = refused({
      env: { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
      argv: ['--shard=one', '--no-such', 'value', '--metric-allowlist=a', '--metric-denylist=b'],
      file: 'push:\n  interval: fast\nresources: {widgets: {}}\nporrt: 1',
    })
    expect(lines).toEqual([
      'otlp.timeout (variable OTEL_EXPORTER_OTLP_TIMEOUT): expected a duration with its unit, such as 60s or 1m30s, from 1ms to 596h, got "soon"',
      'shard (flag --shard): expected a whole number from 0 to 2147483647, got "one"',
      '--no-such: expected a known flag',
      'push.interval (given.yml:2): expected a duration with its unit, such as 60s or 1m30s, from 1s to 596h, got "fast"',
      'porrt (given.yml:4): expected a known key; did you mean port?',
      'resources (given.yml:3): expected plural names of resources that are supported, got "widgets"',
      'metric_denylist (flag --metric-denylist): expected either metric_allowlist or metric_denylist: they exclude each other',
    ])
  })

  it.each([
    [['--port=9000', '--telemetry-port=9000'], 'telemetry_port'],
    [['--push-interval=10s', '--push-flush-interval=11s'], 'push.flush_interval'],
    [['--otlp-client-certificate=a'], 'otlp.client_certificate'],
    [['--otlp-client-key=a'], 'otlp.client_key'],
    [['--resources=pod'], 'resources'],
    [['--metric-annotations-allowlist=widgets=[*]'], 'annotations_allow_list'],
    [['--otlp-protocol=http/json'], 'otlp.protocol'],
    [['--otlp-endpoint=http://c:1/path'], 'otlp.endpoint'],
    [['--otlp-endpoint=unix:/s', '--otlp-protocol=http/protobuf'], 'otlp.endpoint'],
    [['--shard=-1'], 'shard'],
    [['--shard=1'], 'shard'],
    [['--shard=1', '--total-shards=0'], 'shard'],
    [['--shard=2', '--total-shards=2'], 'shard'],
    [['--shard=3', '--total-shards=2'], 'shard'],
    [['--node=a'], 'node'],
    [['--node=a', '--resources=pods,nodes'], 'node'],
    [['--node=a', '--resources=nodes'], 'node'],
    [['--node=a', '--track-unscheduled-pods'], 'node'],
    [['--node=a', '--resources=pods', '--custom-resource-state-config=kind: CustomResourceStateMetrics'], 'node'],
    [['--port=65536'], 'port'],
    [['--log-level=loud'], 'telemetry.log_level'],
    [['--apiserver=ftp://x'], 'apiserver'],
    [['--otlp-max-request-bytes=5'], 'otlp.max_request_bytes'],
    [['--push-interval=1000h'], 'push.interval'],
  ])('%j is a problem of %s alone', (argv, key) => {
    const loaded = load({ argv })
    expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.key)).toEqual([key])
  })

  it.each([
    [['--port=0', '--telemetry-port=0']],
    [['--port=9000', '--telemetry-port=9000', '--host=127.0.0.1', '--telemetry-host=127.0.0.2']],
    [['--push-flush-interval=0s']],
    [['--otlp-client-certificate=a', '--otlp-client-key=b']],
    [['--metric-labels-allowlist=*=[*]']],
    [['--node=']],
    [['--node=a', '--resources=pods']],
    [['--total-shards=0']],
    [['--shard=0', '--total-shards=0']],
    [['--track-unscheduled-pods']],
    [['--config=']],
  ])('%j is none', (argv) => {
    expect(load({ argv })).toMatchObject({ ok: true })
  })

  it('are one line each, however long the value', () => {
    for (const line of refused({ file: `node: [1]\napiserver: "a\\nb${'c'.repeat(500)}"` })) {
      expect(line).not.toContain('\n')
      expect(line.length).toBeLessThan(300)
    }
  })

  it.each([['--pod=me', 'pod']])('%s, which is not supported yet, is exactly one problem', (flag, key) => {
    const loaded = load({ argv: [flag] })
    const problems = loaded.ok ? [] : loaded.problems
    expect(problems.map((problem) => problem.key)).toEqual([key])
    expect(problems.map(formatProblem).join()).toMatch(new RegExp(`^${key} \\(flag ${flag.replace(/=.*/, '')}\\): .+`))
  })

  it.each(['--auth-filter=false', '--tls-config=', '--pod='])('%s asks for nothing and is none', (flag) => {
    expect(load({ argv: [flag] })).toMatchObject({ ok: true })
  })
})

describe('leader election', () => {
  const electionOf = (...argv: string[]) => accepted({ argv: ['--leader-election', ...argv] }).config.leaderElection

  it.each([
    [[], 'kube-state-otlp'],
    [['--total-shards=3', '--shard=2'], 'kube-state-otlp-shard-2'],
    [['--pod=ksm-1'], 'kube-state-otlp-shard-1'],
    [['--node=n1', '--resources=pods', '--leader-election-lease-name=x'], 'x-n1'],
  ])('%j competes for the Lease %s', (argv, name) => {
    expect(electionOf(...argv).leaseName).toBe(name)
  })

  it('knows the pod by the downward API', () => {
    const env = { POD_UID: 'uid', POD_NAMESPACE: 'monitoring' }
    const { leaderElection } = accepted({ argv: [], env }).config
    expect(leaderElection).toMatchObject({ identity: 'uid', namespace: 'monitoring' })
    expect(electionOf('--leader-election-identity=me').identity).toBe('me')
  })

  it.each([
    ['--leader-election-lease-duration=10s', /^leader_election\.renew_deadline .*: expected less than/],
    ['--leader-election-lease-duration=15500ms', /^leader_election\.lease_duration .*: expected whole seconds/],
    ['--leader-election-retry-period=6s', /^leader_election\.retry_period .*: expected at most half/],
    [
      '--leader-election-lease-name=Upper',
      /^leader_election\.lease_name .*: expected the name of an object: lower-case letters/,
    ],
  ])('%s is refused', (flag, message) => {
    expect(refused({ argv: [flag] })).toEqual([expect.stringMatching(message)])
  })
})

describe('constant labels', () => {
  it.each([
    ['namespace=a', 'that every series of an object has'],
    ['job=a', 'that Prometheus makes of the resource'],
    ['customresource_kind=a', 'of custom resources'],
    ['instance=a', 'that Prometheus makes of the resource'],
    ['node=a', 'of some series alone'],
    ['host.ip=a', 'in the form in which receivers write it'],
    ['label_team=a', 'that a key may be copied to'],
    ['annotation_a=a', 'that a key may be copied to'],
  ])('%s is refused: it repeats a label %s', (pair) => {
    const name = pair.replace(/=.*/, '')
    expect(refused({ argv: [`--otlp-constant-labels=cluster=b,${pair}`] })).toEqual([
      `otlp.constant_labels (flag --otlp-constant-labels): expected label names that no series has: choose another name, such as cluster, got "${name}"`,
    ])
  })

  it('are rejected if a receiver would give two of them the same name', () => {
    expect(refused({ argv: ['--otlp-constant-labels=a.b=1,a_b=2'] })).toEqual([expect.stringMatching(/got "a_b"$/)])
  })

  it("are held to an embedder's own resources", () => {
    const own = { plural: 'kites', identity: { kite: () => '' }, families: [{ kind: 'fixed', labels: ['wind'] }] }
    const problemsOf = (label: string) => {
      const argv = [`--otlp-constant-labels=${label}=x`]
      const loaded = loadConfig({ argv, env: {}, readFile: () => '', resources: [own as never] })
      return loaded.ok ? [] : loaded.problems.map(({ key }) => key)
    }
    expect(['kite', 'wind', 'pod', 'cluster'].map(problemsOf)).toEqual([
      ['otlp.constant_labels'],
      ['otlp.constant_labels'],
      [],
      [],
    ])
  })
})

it('explains sharding, and that an instance per node is for pods', () => {
  expect(refused({ argv: ['--shard=1'] })).toEqual([
    'shard (flag --shard): expected together with total_shards, the number of shards, got 1',
  ])
  expect(refused({ argv: ['--shard=2', '--total-shards=2'] })).toEqual([
    'shard (flag --shard): expected a number below total_shards (2): shards are counted from 0, got 2',
  ])
  expect(refused({ argv: ['--node=a'] })).toEqual([
    'node (flag --node): expected only with resources: pods, since other resources would be pushed once for every node, got "a"',
  ])
  expect(load({ argv: ['--node=a'], readsCluster: false })).toMatchObject({ ok: true })
})

it('takes the shard from a pod of a StatefulSet, in its own namespace by default', () => {
  const podOf = (argv: readonly string[], env = {}) => accepted({ argv, env }).config.selection.pod
  expect(podOf(['--pod=a-b-12', '--pod-namespace=x', '--shard=7', '--total-shards=2'])).toEqual({
    ...{ namespace: 'x', statefulSet: 'a-b', ordinal: 12 },
  })
  expect(podOf(['--pod=a-0'], { POD_NAMESPACE: 'y' })).toMatchObject({ namespace: 'y' })
  expect(podOf(['--pod=a-0'])).toMatchObject({ namespace: undefined })
  expect(podOf(['--pod-namespace=x'])).toBeUndefined()
  expect(refused({ argv: ['--pod=deployment-7d5b'] })).toEqual([
    'pod (flag --pod): expected the name of a pod of a StatefulSet, such as kube-state-otlp-0, got "deployment-7d5b"',
  ])
})

it('takes total_shards 0 of a file of kube-state-metrics as no sharding', () => {
  expect(accepted({ file: 'total_shards: 0' }).config.selection.totalShards).toBe(1)
})

describe('notices', () => {
  it('name once all that is accepted without effect', () => {
    const { notices } = accepted({
      argv: ['--v=4', '-v', '2', '--logtostderr', '--alsologtostderr=false'],
    })
    expect(notices).toEqual([
      {
        message:
          'accepted for compatibility with kube-state-metrics, without effect here: --v, --logtostderr, --alsologtostderr',
      },
    ])
  })

  it.each([[['--push-interval=5m'], 'push.interval is 5m or more']])('%j is accepted with a warning', (argv, words) => {
    expect(accepted({ argv }).notices.map(({ message }) => message)).toEqual([expect.stringContaining(words)])
  })

  it('are none for what is ordinary', () => {
    expect(accepted({ argv: ['--shard=2', '--total-shards=3', '--push-interval=4m'] }).notices).toEqual([])
  })
})
