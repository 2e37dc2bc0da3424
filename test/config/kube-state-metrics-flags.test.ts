/** Each flag of kube-state-metrics v2.20 as it publishes them: the same meaning here, or without effect. */
import { describe, expect, it } from 'vitest'
import type { PublishedFlag } from '../../scripts/flag-page.ts'
import { meaningOf, publishedFlags } from '../../scripts/flag-page.ts'
import { allFlags } from '../../src/cli/commands.ts'
import { allSettings } from '../../src/config/schema.ts'
import { flagOf } from '../../src/config/setting.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import { accepted, load } from './inputs.ts'

const byMeaning = Map.groupBy(publishedFlags, (flag) => meaningOf(flag).meaning)
const settings = new Map([...allSettings].map(([key, setting]) => [flagOf(key, setting), { key, setting }]))

/** Values that differ from the default, and are valid together with what `companions` adds. */
const samples: Readonly<Record<string, string>> = {
  apiserver: 'https://192.0.2.1:6443',
  'auto-gomemlimit-ratio': '0.5',
  config: '/config.yaml',
  'custom-resource-state-config-file': '/rules.yaml',
  'metric-annotations-allowlist': 'pods=[example.org/team]',
  'metric-labels-allowlist': '*=[*]',
  pod: 'kube-state-otlp-1',
  'pod-namespace': 'monitoring',
  resources: 'pods',
  shard: '1',
  'total-shards': '3',
}
const companions: Readonly<Record<string, readonly string[]>> = {
  node: ['--resources=pods'],
  shard: ['--total-shards=2'],
}
const ofType: Readonly<Record<string, string>> = { bool: 'true', duration: '1m30s', int: '7', int32: '7', uint: '7' }
const rules = 'kind: CustomResourceStateMetrics\nspec: {resources: []}\n'

const sampleOf = ({ name, type }: PublishedFlag) =>
  samples[name] ?? (name === 'custom-resource-state-config' ? rules : (ofType[type] ?? 'text'))

const loadFlag = ({ name }: PublishedFlag, value: string) =>
  load({
    argv: [...(companions[name] ?? []), `--${name}=${value}`],
    files: { '/config.yaml': '', '/rules.yaml': rules },
  })

it('are all known (the end-to-end tests compare them with what kube-state-metrics publishes)', () => {
  expect(publishedFlags).toHaveLength(53)
})

it.each(publishedFlags)('--$name takes a value as there', ({ name, short, type }) => {
  const declared = allFlags.find((flag) => flag.name === name)
  expect(declared).toMatchObject({ bare: type === 'bool', ...(short === undefined ? {} : { short }) })
})

describe.each((byMeaning.get('same') ?? []).filter(({ name }) => name !== 'help'))('--$name', (flag) => {
  const { key, setting } = settings.get(flag.name) as NonNullable<ReturnType<typeof settings.get>>

  it('has the same default', () => {
    const published = flag.default === '' ? undefined : readText(setting.format.parse(flag.default))
    if (flag.name === 'resources') {
      const ours = resources.filter(({ enabledByDefault }) => enabledByDefault).map(({ plural }) => plural)
      expect([...(published as readonly string[])].sort()).toEqual(ours.sort())
    } else expect(isNone(setting.default) ? undefined : setting.default).toEqual(published)
  })

  it('takes effect as a flag, and as a key of a file', () => {
    const loaded = loadFlag(flag, sampleOf(flag))
    expect(loaded).toMatchObject({ ok: true, notices: [] })
    if (!loaded.ok) return
    expect(loaded.sources.get(key)).toEqual({ from: 'flag', flag: `--${flag.name}` })
    expect(loaded.values[key]).not.toEqual(setting.default)
    if (flag.key === undefined || setting.notInFile) return
    const file = JSON.stringify({ [flag.key]: setting.format.write(loaded.values[key]) })
    const ofFile = accepted({ argv: companions[flag.name] ?? [], file, files: { '/rules.yaml': rules } })
    expect(ofFile.values[key]).toEqual(loaded.values[key])
  })
})

it.each(byMeaning.get('no effect') ?? [])('--$name is accepted, and the log says that it has no effect', (flag) => {
  const loaded = loadFlag(flag, sampleOf(flag))
  const without = accepted({})
  expect(loaded).toMatchObject({ ok: true, values: without.values })
  expect(loaded.ok && loaded.notices.map(({ message }) => message)).toEqual([
    `accepted for compatibility with kube-state-metrics, without effect here: --${flag.name}`,
  ])
  if (flag.key === undefined) return
  const ofFile = accepted({ file: JSON.stringify({ [flag.key]: sampleOf(flag) }) })
  expect(ofFile.notices.map(({ message }) => message).join()).toContain(flag.key)
})

describe('--total-shards=0, which makes kube-state-metrics v2.20 export nothing', () => {
  it.each([{ argv: ['--total-shards=0'] }, { file: 'total_shards: 0' }])('means no sharding: %j', (inputs) => {
    expect(accepted(inputs).config.selection).toMatchObject({ shard: 0, totalShards: 1 })
  })

  it.each([{ argv: ['--shard=1', '--total-shards=0'] }, { file: 'shard: 1\ntotal_shards: 0' }])(
    'is refused with a shard: %j',
    (inputs) => expect(load(inputs)).toMatchObject({ ok: false, problems: [{ key: 'shard' }] }),
  )
})

const isNone = (value: unknown) =>
  value === undefined || (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0)

function readText(reading: { value: unknown } | { expected: string }): unknown {
  if ('expected' in reading) throw new Error(`expected ${reading.expected}`)
  return reading.value
}
