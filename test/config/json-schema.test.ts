/** The JSON schema for editors: it accepts every file that the program accepts, and reports mistakes. */
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { renderJsonSchema } from '../../src/config/json-schema.ts'
import type { Settings } from '../../src/config/schema.ts'
import { allSettings } from '../../src/config/schema.ts'
import { accepted, load } from './inputs.ts'

const project = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, project), 'utf8')
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(renderJsonSchema()))

/** Where a document is wrong. */
function mistakes(document: unknown): string[] {
  validate(document)
  return [
    ...new Set(
      (validate.errors ?? []).map(({ instancePath, params }) => instancePath + (params.additionalProperty ?? '')),
    ),
  ]
}

describe('the JSON schema', () => {
  it('is in config/schema.json (npm run docs writes it)', () => {
    expect(read('config/schema.json')).toBe(renderJsonSchema())
  })

  it('accepts the default file, with all keys commented out and with all of them set', () => {
    const text = read('config/default.yaml')
    expect(mistakes(parse(text))).toEqual([])
    expect(mistakes(parse(text.replaceAll(/^( *)#(?=\w)/gm, '$1')))).toEqual([])
  })

  it.each(readdirSync(new URL('config/examples', project)))('takes the example %s', (file) => {
    expect(mistakes(parse(read(`config/examples/${file}`)))).toEqual([])
  })

  it.each(
    readdirSync(new URL('test/conformance/cases/configfile', project)).filter((file) => file.endsWith('.config.yml')),
  )('takes the file %s of kube-state-metrics', (file) => {
    const text = read(`test/conformance/cases/configfile/${file}`)
    expect(load({ file: text })).toMatchObject({ ok: true })
    expect(mistakes(parse(text))).toEqual([])
  })

  it('accepts every default and example as written', () => {
    for (const [key, { default: fallback, example, format, notInFile }] of allSettings) {
      if (notInFile) continue
      const [section = '', name] = key.split('.')
      for (const value of [fallback, example]) {
        const written = value === undefined ? null : format.write(value)
        expect(mistakes(name === undefined ? { [section]: written } : { [section]: { [name]: written } }), key).toEqual(
          [],
        )
      }
    }
  })

  it.each<[Settings | object, string]>([
    [{ otlp: { endpont: 'x' } }, '/otlpendpont'],
    [{ resurces: {} }, 'resurces'],
    [{ resources: { podz: {} } }, '/resources'],
    [{ port: 70_000 }, '/port'],
    [{ push: { interval: 60 } }, '/push/interval'],
    [{ push: { interval: 'soon' } }, '/push/interval'],
    [{ otlp: { compression: 'brotli' } }, '/otlp/compression'],
    [{ labels_allow_list: { pods: 'app' } }, '/labels_allow_list'],
    [{ config: 'other.yaml' }, 'config'],
  ])('points at the mistake in %j, which the program refuses too', (document, place) => {
    expect(mistakes(document).some((path) => path.startsWith(place))).toBe(true)
    expect(load({ file: JSON.stringify(document) })).toMatchObject({ ok: false })
  })

  it.each([
    'resources: [pods]\nlabels_allow_list: {pods: [app], nodes: }\npush: {flush_interval: 0}\n',
    'custom_resource_config: ""\nhelp: false\ntotal_shards: 0\notlp:\nport: 8080\n',
    'namespaces: a,b\notlp: {constant_labels: {version: 1.10, cluster: prod}}\nserver_read_timeout: 1m30s\n',
  ])('takes what the program takes: %j', (text) => {
    accepted({ file: text })
    expect(mistakes(parse(text))).toEqual([])
  })
})
