/** The notations of values: durations, endpoints, allow lists, pairs. */
import { describe, expect, it } from 'vitest'
import { resolveEndpoint } from '../../src/config/formats/address.ts'
import { formatDuration, parseDuration } from '../../src/config/formats/duration.ts'
import { labelKeys } from '../../src/config/formats/label-keys.ts'
import { ecmaPatterns, re2Patterns } from '../../src/config/formats/list.ts'
import { nameLimits } from '../../src/config/formats/name-limits.ts'
import { constantLabels, headers } from '../../src/config/formats/pairs.ts'
import { accepted, refused } from './inputs.ts'

describe('durations', () => {
  it.each([
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['+2s', 2000],
    ['1500us', 2],
    ['2000000ns', 2],
    ['0', 0],
    ['0s', 0],
    ['1h1m1s1ms', 3_661_001],
  ])('%s', (input, ms) => expect(parseDuration(input)).toBe(ms))

  it.each(['', '60', '60 s', '1d', 's', '-1s', '1m 30s', '1e3s', '..5s', '1.2.3s', '1S'])('%j is none', (input) => {
    expect(parseDuration(input)).toBeUndefined()
  })

  it.each([
    [0, '0s'],
    [500, '500ms'],
    [60_000, '1m'],
    [90_001, '1m30s1ms'],
    [86_400_000, '24h'],
  ])('%i ms is written %s', (ms, written) => expect(formatDuration(ms)).toBe(written))
})

describe('endpoints', () => {
  it.each([
    ['http://c:1', false, 'c:1', false],
    ['https://c:1/', true, 'c:1', true],
    ['http://c', false, 'c:4317', false],
    ['http://c:80', false, 'c:80', false],
    ['https://c:443', false, 'c:443', true],
    ['http://[::1]:4317', false, '[::1]:4317', false],
    ['c:1', false, 'c:1', true],
    ['c:1', true, 'c:1', false],
    ['c', true, 'c:4317', false],
    ['10.0.0.1:4317', true, '10.0.0.1:4317', false],
    ['dns:///c:1', true, 'dns:///c:1', false],
    ['unix:/run/otlp.sock', true, 'unix:/run/otlp.sock', false],
  ])('%s (insecure: %s)', (input, insecure, target, tls) => {
    expect(resolveEndpoint(input, { insecure, protocol: 'grpc' })).toMatchObject({ target, tls })
  })

  it.each([
    ['c', 'https://c:4318/v1/metrics'],
    ['c:80', 'https://c:80/v1/metrics'],
    ['http://c', 'http://c:80/v1/metrics'],
    ['https://c/', 'https://c:443/v1/metrics'],
    ['https://gateway.example/otlp', 'https://gateway.example:443/otlp/v1/metrics'],
    ['http://prom:9090/api/v1/otlp', 'http://prom:9090/api/v1/otlp/v1/metrics'],
    ['http://prom:9090/api/v1/otlp/v1/metrics', 'http://prom:9090/api/v1/otlp/v1/metrics'],
    ['http://[::1]:4318/x', 'http://[::1]:4318/x/v1/metrics'],
  ])('of HTTP have a path: %s', (input, url) => {
    expect(resolveEndpoint(input, { insecure: false, protocol: 'http/protobuf' })?.url).toBe(url)
  })

  it.each([
    ['http://c:9/in', 'http://c:9/in'],
    ['http://c:9/in/', 'http://c:9/in/'],
    ['https://c', 'https://c:443/'],
    ['c/v1/metrics', 'https://c:4318/v1/metrics'],
  ])('of HTTP are used as they are if they are whole URLs: %s', (input, url) => {
    const rules = { insecure: false, protocol: 'http/protobuf', isWholeUrl: true } as const
    expect(resolveEndpoint(input, rules)?.url).toBe(url)
  })

  it.each(['unix:/s', 'grpc://c:1', 'http://c?x', 'c:port'])('%s is none of HTTP', (input) => {
    expect(resolveEndpoint(input, { insecure: false, protocol: 'http/protobuf' })).toBeUndefined()
  })

  it('have a URL too, where possible', () => {
    const plain = { insecure: true, protocol: 'grpc' } as const
    expect(resolveEndpoint('c', plain)?.url).toBe('http://c:4317')
    expect(resolveEndpoint('https://c', plain)?.url).toBe('https://c:4317')
    expect(resolveEndpoint('unix:/s', plain)?.url).toBe('unix:/s')
  })

  it.each(['http://c:4318/v1/metrics', 'grpc://c:1', 'http://', ':4317', 'c:port', 'http://u:p@c:1', 'c:1?x', 'a b'])(
    '%s is none',
    (input) => expect(resolveEndpoint(input, { insecure: false, protocol: 'grpc' })).toBeUndefined(),
  )
})

describe('label and annotation allow lists', () => {
  it.each([
    ['pods=[app]', { pods: ['app'] }],
    ['pods=[a,b],nodes=[*]', { pods: ['a', 'b'], nodes: ['*'] }],
    [' pods=[ a , b ] , nodes=[c]', undefined],
    ['pods=[ a , b ], nodes=[c]', { pods: ['a', 'b'], nodes: ['c'] }],
    ['pods=[]', { pods: [] }],
    ['pods=[a],pods=[b]', { pods: ['b'] }],
    ['*=[*]', { '*': ['*'] }],
    ['pods=[a,*]', { pods: ['a', '*'] }],
    ['pods=[*-id,team/*]', { pods: ['*-id', 'team/*'] }],
    ['', {}],
    ['pods', undefined],
    ['pods=', undefined],
    ['pods=a', undefined],
    ['pods=[a', undefined],
    ['pods=[a]]', undefined],
    ['pods=[a]nodes=[b]', undefined],
    [',pods=[a]', undefined],
    ['pods=[a],', undefined],
    ['pods=[a],,nodes=[b]', undefined],
    ['pods=[a,]', undefined],
    ['pods=[,a]', undefined],
    ['pods=[**]', undefined],
    ['=[a]', undefined],
    ['pods=[a=b]', undefined],
  ])('%j', (input, value) => {
    const reading = labelKeys.parse(input)
    expect('value' in reading ? reading.value : undefined).toEqual(value && new Map(Object.entries(value)))
  })
})

describe('limits by name', () => {
  it.each([
    ['pods=7', { pods: 7 }],
    [' pods = 0x10 , *=1_000 ', { pods: 16, '*': 1000 }],
    ['7', { '*': 7 }],
    ['', {}],
    ['pods', undefined],
    ['pods=', undefined],
    ['=7', undefined],
    ['pods=-1', undefined],
    ['pods=1.5', undefined],
  ])('%j', (input, value) => {
    const reading = nameLimits.parse(input)
    expect('value' in reading ? reading.value : undefined).toEqual(value && new Map(Object.entries(value)))
  })

  it('are a number or a map in files, and join over flags', () => {
    const file = 'limits: {series: 9, series_per_resource: 8, series_per_family: {kube_pod_info: 7, "*": 6}}'
    expect(accepted({ file }).config.limits).toEqual({
      series: 9,
      perResource: new Map([['*', 8]]),
      perFamily: new Map([
        ['kube_pod_info', 7],
        ['*', 6],
      ]),
    })
    const argv = ['--limits-series-per-resource=pods=1', '--limits-series-per-resource=nodes=2']
    expect(accepted({ argv }).config.limits.perResource).toEqual(new Map(Object.entries({ pods: 1, nodes: 2 })))
  })

  it('are for names that exist, unless rules for custom resources may bring them', () => {
    const argv = ['--limits-series-per-resource=pod=1', '--limits-series-per-family=kube_pod_infos=1']
    expect(refused({ argv })).toEqual([
      expect.stringMatching(/^limits\.series_per_resource .*; did you mean pods\?, got "pod"$/),
      expect.stringMatching(/^limits\.series_per_family .*; did you mean kube_pod_info\?, got "kube_pod_infos"$/),
    ])
    const rules = '--custom-resource-state-config={spec: {resources: []}}'
    expect(accepted({ argv: [...argv, rules] }).config.limits.perResource.get('pod')).toBe(1)
  })
})

describe('patterns', () => {
  it('differ between the lists: lookaheads for one, not for the other', () => {
    expect(ecmaPatterns.parse('(?!x)y, kube_.*')).toEqual({ value: ['(?!x)y', 'kube_.*'] })
    expect(re2Patterns.parse('(?!x)y')).toHaveProperty('expected', expect.stringContaining('"(?!x)y" is neither'))
    expect(re2Patterns.parse('(?i)kube_.*')).toEqual({ value: ['(?i)kube_.*'] })
    expect(ecmaPatterns.parse('a,*b')).toHaveProperty('expected', expect.stringContaining('"*b" is neither'))
  })
})

describe('pairs', () => {
  it.each(['grpc-timeout=1', 'x-bin=1', 'a b=c', '=x', 'a', 'a=%zz', 'a=%00'])('headers refuse %s', (input) => {
    expect(headers.parse(input)).toHaveProperty('expected')
  })

  it.each(['__name__=x', '1a=x', 'a', '=x', 'a b=x'])('labels refuse %s', (input) => {
    expect(constantLabels.parse(input)).toHaveProperty('expected')
  })

  it('labels take any value, also one with an equals sign or none', () => {
    const value = new Map(Object.entries({ 'k8s.cluster': 'a=b%20', env: '' }))
    expect(constantLabels.parse('k8s.cluster=a=b%20,env=')).toEqual({ value })
  })
})

it.each([
  ['--metric-denylist=\\Qa', 'metric_denylist', 'the escape \\\\Q is not supported'],
  ['--metric-allowlist=[[:alpha:]]', 'metric_allowlist', '[:alpha:] within brackets is not supported'],
  ['--metric-opt-in-list=\\Ga', 'metric_opt_in_list', 'invalid escape sequence'],
])('%s is refused with the reason', (flag, key, reason) => {
  const [line, ...more] = refused({ argv: [flag] })
  expect(more).toEqual([])
  expect(line).toContain(`${key} (flag `)
  expect(line).toContain(reason.replaceAll('\\\\', '\\'))
})
