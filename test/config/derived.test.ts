/**
 * Derived from the declarations: convict's schema, help, the annotated file; any value is the same after a round trip
 * through a file.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createConvict } from '../../src/config/convict-schema.ts'
import { renderDefaultFile } from '../../src/config/default-file.ts'
import { describeFlags } from '../../src/config/flag-help.ts'
import type { Key } from '../../src/config/schema.ts'
import { allSettings, sections } from '../../src/config/schema.ts'
import { withoutEffect } from '../../src/config/sections/compatibility.ts'
import { flagOf, variablesOf } from '../../src/config/setting.ts'
import { accepted, load } from './inputs.ts'

describe('the schema', () => {
  it('has defaults and examples that convict accepts', () => {
    const convict = createConvict({})
    convict.validate({ allowed: 'strict' })
    for (const [key, { example }] of allSettings) if (example !== undefined) convict.set(key, example)
    convict.validate({ allowed: 'strict' })
    convict.set('port', 70_000)
    expect(() => convict.validate({ allowed: 'strict' })).toThrow(/port.*from 0 to 65535/)
  })

  it('gives no flag and no variable twice', () => {
    const flags = [
      ...[...allSettings].map(([key, setting]) => flagOf(key, setting)),
      ...withoutEffect.map(({ flag }) => flag),
    ]
    const variables = [...allSettings].flatMap(([key, setting]) => variablesOf(key, setting).map(({ name }) => name))
    expect(new Set(flags).size).toBe(flags.length)
    expect(new Set(variables).size).toBe(variables.length)
  })

  it('has every key in a section', () => {
    const shown = sections.flatMap(({ keys }) => keys)
    expect([...shown].sort()).toEqual([...allSettings.keys()].sort())
  })
})

it('reads variables and texts, and applies its defaults, with convict', () => {
  const convict = createConvict({ KUBE_STATE_OTLP_PORT: '0x10', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c' })
  expect(convict.get('port' as never)).toBe(16)
  expect(convict.get('otlp.endpoint' as never)).toBe('http://c')
  expect(convict.get('push.interval' as never)).toBe(60_000)
  convict.set('push.interval', '1m30s')
  expect(convict.get('push.interval' as never)).toBe(90_000)
  convict.set('push.interval', 'soon')
  expect(() => convict.validate({ allowed: 'strict' })).toThrow(/push\.interval: expected a duration with its unit/)
})

describe('flags in words', () => {
  const sectionsOfFlags = describeFlags()
  const flags = sectionsOfFlags.flatMap((section) => section.flags)
  const descriptionOf = (flag: string) => flags.find((one) => one.flag === flag)?.description

  it('come by section, each with its default, and with variables that do not follow from the flag', () => {
    expect(sectionsOfFlags.map(({ title }) => title)).toEqual(sections.map(({ title }) => title))
    expect(descriptionOf('--push-interval')).toMatch(/ \(default: 1m\)$/)
    expect(descriptionOf('--kubernetes-protobuf')).toMatch(/ \(default: true, disable with =false\)$/)
    expect(descriptionOf('--metric-labels-allowlist')).toContain('(env: KUBE_STATE_OTLP_LABELS_ALLOW_LIST)')
    expect(descriptionOf('--otlp-endpoint')).toContain(
      '(env: OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT)',
    )
    expect(flags.find(({ flag }) => flag === '--metric-labels-allowlist')?.placeholder).toBe('lists')
    expect(flags.find(({ flag }) => flag === '--enable-gzip-encoding')?.placeholder).toBe('')
  })

  it('leave out what is not supported', () => {
    expect(flags.filter(({ flag }) => /logtostderr/.test(flag))).toEqual([])
  })
})

describe('config/default.yaml', () => {
  const committed = readFileSync(new URL('../../config/default.yaml', import.meta.url), 'utf8')
  const uncommented = committed.replaceAll(/^( *)#(?=\w)/gm, '$1')

  it('is what the schema says (npm run docs writes it)', () => {
    expect(committed).toBe(renderDefaultFile())
  })

  it('changes nothing as it is', () => {
    const loaded = accepted({ file: committed })
    expect([...loaded.sources.keys()]).toEqual(['config'])
  })

  it('has every key, and changes nothing with all of them set', () => {
    const { config, sources, notices } = accepted({ file: uncommented })
    expect(config).toEqual(accepted({}).config)
    expect(notices).toEqual([])
    const named = [...allSettings].filter(
      ([, { default: fallback, format, notInFile }]) =>
        fallback !== undefined && !notInFile && !format.empty?.mapNamesNothing,
    )
    expect([...sources.keys()].filter((key) => key !== 'config').sort()).toEqual(named.map(([key]) => key).sort())
    for (const [key] of allSettings) {
      const name = key.replace(/.*\./, '')
      if (!allSettings.get(key)?.notInFile) expect(uncommented).toMatch(new RegExp(`^ *${name}: `, 'm'))
    }
  })
})

describe('any value', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  /** No label of a series has such a name, so that it may be a constant label. */
  const ownLabel = word.map((text) => `our-${text}`)
  const awkward = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => text.trim() === text)
  const key = fc.stringMatching(/^[a-z./-]{1,6}[*]?$/)
  const keys = fc
    .dictionary(fc.constantFrom('pods', 'nodes', '*'), fc.array(key, { maxLength: 3 }))
    .map((map) => new Map(Object.entries(map)))
  const pattern = fc.constantFrom('kube_pod_info', '^kube_.*_created$', 'a|b', '[0-9]+', 'x{2}')
  const duration = fc.integer({ min: 1000, max: 200_000 })

  const arbitrary: fc.Arbitrary<Partial<Record<Key, unknown>>> = fc.record(
    {
      resources: fc.uniqueArray(fc.constantFrom('pods', 'nodes', 'secrets'), { minLength: 1 }),
      namespaces: fc.uniqueArray(word),
      metric_allowlist: fc.uniqueArray(pattern),
      metric_opt_in_list: fc.uniqueArray(pattern),
      labels_allow_list: keys,
      annotations_allow_list: keys,
      context: awkward,
      kubeconfig: awkward,
      track_unscheduled_pods: fc.boolean(),
      shard: fc.integer({ min: 0, max: 99 }),
      total_shards: fc.integer({ min: 100, max: 2 ** 31 - 1 }),
      port: fc.integer({ min: 1, max: 8000 }),
      server_idle_timeout: duration,
      'otlp.endpoint': fc.constantFrom('http://c:1', 'https://c', '[::1]:4317', 'unix:/s'),
      'otlp.compression': fc.constantFrom('none', 'gzip'),
      'otlp.headers': fc.dictionary(word, fc.stringMatching(/^[ -~]{0,9}$/)).map((map) => new Map(Object.entries(map))),
      'otlp.constant_labels': fc.dictionary(ownLabel, awkward).map((map) => new Map(Object.entries(map))),
      'otlp.instance_id': awkward,
      'push.interval': fc.integer({ min: 200_000, max: 299_999 }),
      'push.flush_interval': fc.integer({ min: 0, max: 60_000 }),
      'telemetry.log_level': fc.constantFrom('debug', 'info', 'silent'),
    },
    { requiredKeys: ['total_shards'] },
  )

  function writeFile(values: Partial<Record<Key, unknown>>): string {
    const tree: Record<string, Record<string, unknown>> = {}
    for (const [key, value] of Object.entries(values) as [Key, unknown][]) {
      const [name = '', section] = key.split('.').reverse()
      const written = allSettings.get(key)?.format.write(value)
      if (section === undefined) Object.assign(tree, { [name]: written })
      else tree[section] = { ...tree[section], [name]: written }
    }
    return stringify(tree)
  }

  it('comes out of a file as it was written into it', () => {
    fc.assert(
      fc.property(arbitrary, (values) => {
        const loaded = load({ file: writeFile(values) })
        expect(loaded).toMatchObject({ ok: true })
        if (loaded.ok) expect(loaded.values).toMatchObject(values)
      }),
      { numRuns: 200 },
    )
  })
})
