/**
 * deploy/helm without Helm: values and schema describe the same values, those of kube-state-metrics' chart among them, and the
 * values files for CI conform. test/e2e/helm.e2e.ts renders and installs the chart.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { allSettings } from '../../src/config/schema.ts'
import { movedValues } from './community-values.ts'

const folder = 'deploy/helm/kube-state-otlp'
const read = (path: string) => readFileSync(`${folder}/${path}`, 'utf8')
const values = parse(read('values.yaml'), { merge: true }) as Record<string, unknown>
const schema = JSON.parse(read('values.schema.json')) as Schema
const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false }).compile(schema)

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
}

describe('the chart', () => {
  it('has the version of the package', () => {
    const chart = parse(read('Chart.yaml')) as { version: string; appVersion: string }
    expect([chart.version, chart.appVersion]).toEqual([packageJson.version, packageJson.version])
  })

  it('has a value for everything at the top of the schema, and the other way round', () => {
    expect(Object.keys(values).sort()).toEqual(Object.keys(schema.properties ?? {}).sort())
    expect(schema.additionalProperties).toBe(false)
  })

  it('has every value of the chart of kube-state-metrics, of which two are comments there', () => {
    const community = [...new Set(movedValues.map(({ name }) => name))]
    expect(community.filter((name) => !(name in values))).toEqual([])
    expect(community).toHaveLength(61 + 2)
  })

  it.each(['otlp', 'push', 'telemetry', 'server', 'kubernetes'])(
    '%s has the keys of the configuration file',
    (name) => {
      const keys = [...allSettings].filter(([key, { secret }]) => key.startsWith(`${name}.`) && !secret)
      expect(keys.length).toBeGreaterThan(0)
      const properties = Object.keys(schema.properties?.[name]?.properties ?? {})
      expect(properties.map((property) => `${name}.${property}`).sort()).toEqual(keys.map(([key]) => key).sort())
    },
  )
})

describe('the schema', () => {
  const problemsOf = (given: unknown) => (validate(given) ? [] : (validate.errors ?? []))
  const files = readdirSync(`${folder}/ci`)

  it('accepts the default values', () => expect(problemsOf(values)).toEqual([]))

  it.each(movedValues)("accepts $name as kube-state-metrics' chart has it: $set", ({ set }) => {
    expect(problemsOf(set)).toEqual([])
  })

  it.each(files)('accepts ci/%s', (file) => expect(problemsOf(parse(read(`ci/${file}`)) as unknown)).toEqual([]))

  it.each([
    ['a value that does not exist', { colectors: ['pods'] }],
    ['a resource that does not exist', { collectors: ['pod'] }],
    ['a key that the configuration file does not have', { push: { intervall: '30s' } }],
    ['headers in a ConfigMap', { otlp: { headers: 'authorization=secret' } }],
    ['headers of a destination', { destinations: [{ name: 'a', endpoint: 'http://a:1', headers: { b: 'c' } }] }],
    ['a destination without name', { destinations: [{ endpoint: 'http://a:1' }] }],
    ['a text for a number', { replicas: 'two' }],
  ])('refuses %s', (_, given) => expect(problemsOf(given)).not.toEqual([]))
})
