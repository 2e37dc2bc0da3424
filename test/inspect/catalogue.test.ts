/** The catalogue: declared families, those that a selection enables, and search. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalogueOf, defaultFamilySelection, searchCatalogue } from '../../src/inspect/catalogue.ts'
import { catalogueMarkdown } from '../../src/inspect/catalogue-markdown.ts'

interface RecordedFamily {
  readonly resource: string
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly default: boolean
  readonly opt_in: boolean
  readonly deprecated?: string
}

const recorded: { readonly families: readonly RecordedFamily[] } = JSON.parse(
  readFileSync(new URL('../conformance/catalogue.json', import.meta.url), 'utf8'),
)
const catalogue = catalogueOf()
const entryOf = (name: string) => catalogue.find((entry) => entry.name === name)

describe('catalogueOf', () => {
  test('has the recorded metadata of each family of kube-state-metrics', () => {
    expect(recorded.families.length).toBeGreaterThan(300)
    for (const { resource, name, type, labels, opt_in, default: byDefault } of recorded.families) {
      const enabled = byDefault && !opt_in
      expect(entryOf(name)).toMatchObject({ resource, name, type, labels, optIn: opt_in, enabled })
    }
  })

  test('has the version of a deprecation exactly for the families where it is recorded', () => {
    const names = (isDeprecated: (name: string) => boolean) =>
      recorded.families.map(({ name }) => name).filter(isDeprecated)
    const byRecord = new Set(recorded.families.filter(({ deprecated }) => deprecated).map(({ name }) => name))
    expect(names((name) => entryOf(name)?.deprecatedSince !== null)).toEqual(names((name) => byRecord.has(name)))
    expect(byRecord.size).toBeGreaterThan(0)
  })

  test('enables what the selection enables, and lists all families', () => {
    const selection = {
      ...defaultFamilySelection,
      resources: ['nodes', 'endpoints'],
      metricDenylist: ['^kube_node_(info|labels)$'],
    }
    const selected = catalogueOf(selection)
    expect(selected.map(({ name }) => name)).toEqual(catalogue.map(({ name }) => name))
    const enabled = selected.filter((entry) => entry.enabled)
    expect(new Set(enabled.map(({ resource }) => resource))).toEqual(new Set(['nodes', 'endpoints']))
    expect(enabled.map(({ name }) => name)).toContain('kube_node_created')
    expect(enabled.map(({ name }) => name)).not.toContain('kube_node_info')
  })

  test('gives every set of labels of a family that has several', () => {
    expect(entryOf('kube_ingress_path')?.otherLabels).toEqual([
      ['namespace', 'ingress', 'host', 'path', 'path_type', 'resource_api_group', 'resource_kind', 'resource_name'],
    ])
  })
})

describe('searchCatalogue', () => {
  const search = (...words: string[]) => {
    const { found, unmatched } = searchCatalogue(catalogue, words)
    return { names: found.map(({ name }) => name), resources: new Set(found.map((entry) => entry.resource)), unmatched }
  }

  test('finds all without words', () => expect(search().names).toHaveLength(catalogue.length))

  test("takes a resource's name for the resource, and nothing else", () => {
    expect(search('nodes').resources).toEqual(new Set(['nodes']))
  })

  test('treats any other argument as a pattern that matches anywhere in a name', () => {
    expect(search('restarts_total').names).toEqual([
      'kube_pod_container_status_restarts_total',
      'kube_pod_init_container_status_restarts_total',
    ])
    expect(search('^kube_pod_info$', '^kube_node_info$').names).toEqual(['kube_node_info', 'kube_pod_info'])
  })

  test('reports arguments that match nothing, also invalid patterns', () => {
    expect(search('nodes', 'kube_nothing', '[')).toMatchObject({
      resources: new Set(['nodes']),
      unmatched: ['kube_nothing', '['],
    })
  })
})

test('Markdown has a table for each resource, and no cell that breaks one', () => {
  const [entry] = catalogue.filter(({ deprecatedSince }) => deprecatedSince !== null)
  if (entry === undefined) throw new Error('no family is deprecated')
  const text = catalogueMarkdown([
    { ...entry, help: 'a | b' },
    ...catalogue.filter(({ resource }) => resource === 'jobs'),
  ])
  expect(text).toMatch(/^## endpoints\n\n\| Metric \|.*\n\| --- \|.*\n\| `kube_endpoint_\w+` \|/)
  expect(text).toContain('deprecated since')
  expect(text).toContain('a \\| b')
  expect(text).toContain('\n\n## jobs\n\n')
  for (const line of text.split('\n').filter((row) => row.startsWith('|'))) {
    expect(line.replaceAll('\\|', '').split('|')).toHaveLength(8)
  }
})
