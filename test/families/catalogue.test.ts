/** The declared families equal the catalogue of KSM v2.20, and additional ones are opt-in. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyFamily, AnyResource } from '../../src/families/family.ts'
import { goldenFolder, readCases } from '../conformance/cases.ts'

interface CatalogueResource {
  readonly resource: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly namespaced: boolean
  readonly default: boolean
}

interface CatalogueFamily {
  readonly resource: string
  readonly name: string
  readonly type: string
  readonly stability: string
  readonly opt_in: boolean
  readonly labels: readonly string[]
  readonly other_label_sets?: readonly (readonly string[])[]
}

interface Catalogue {
  readonly resources: readonly CatalogueResource[]
  readonly families: readonly CatalogueFamily[]
}

const catalogue: Catalogue = JSON.parse(readFileSync(new URL('../conformance/catalogue.json', import.meta.url), 'utf8'))

const catalogueNames = new Set(catalogue.families.map(({ name }) => name))
const isOurs = ({ name }: AnyFamily) => !catalogueNames.has(name)
const groupVersion = ({ group, version }: CatalogueResource) => (group === '' ? version : `${group}/${version}`)

test('the resources are those of the catalogue, in its order', () => {
  const declared = resources.map(({ plural, apiVersion, kind, namespaced, enabledByDefault }) => ({
    plural,
    apiVersion,
    kind,
    namespaced,
    enabledByDefault,
  }))
  const listed = catalogue.resources.map((entry) => ({
    plural: entry.resource,
    apiVersion: groupVersion(entry),
    kind: entry.kind,
    namespaced: entry.namespaced,
    enabledByDefault: entry.default,
  }))
  expect(declared).toEqual(listed)
})

describe.each(resources)('$plural', (resource: AnyResource) => {
  test('has the families of the catalogue, in its order', () => {
    const listed = catalogue.families.filter((family) => family.resource === resource.plural)
    const families = resource.families.filter((family) => !isOurs(family))
    expect(families.map((family) => describeFamily(resource, family))).toEqual(listed.map(describeEntry))
  })
})

test('a family that KSM does not have is opt-in and has a case with its name in test/golden', () => {
  const cases = new Set(readCases(goldenFolder).map(({ name }) => name))
  const ours = resources.flatMap(({ plural, families }: AnyResource) =>
    families.filter(isOurs).map(({ name, optIn }) => ({ name, optIn, case: cases.has(`${plural}/${name}`) })),
  )
  expect(ours).toEqual(ours.map(({ name }) => ({ name, optIn: true, case: true })))
})

test('every HELP text is a phrase of one line that ends with a period', () => {
  const families = resources.flatMap((resource): readonly AnyFamily[] => resource.families)
  const malformed = families.filter(
    ({ help }) => !/^(?:[A-Z]|1 (?:if|while|for each) ).+\.$/.test(help) || help.includes('\n'),
  )
  expect(malformed.map(({ name, help }) => `${name}: ${help}`)).toEqual([])
})

function describeFamily(resource: AnyResource, family: AnyFamily) {
  const identity = Object.keys(resource.identity)
  const [labels, ...others] = labelSetsOf(family).map((labelSet) => [...identity, ...labelSet])
  const { name, type, stability, optIn } = family
  return { name, type, stability, optIn, labels, others }
}

function labelSetsOf(family: AnyFamily): readonly (readonly string[])[] {
  switch (family.kind) {
    case 'fixed':
      return [family.labels]
    case 'stateSet':
      return [[family.label]]
    case 'copy':
      return [[`${family.prefix}_*`]]
    default:
      return family.labelSets
  }
}

function describeEntry({ name, type, stability, opt_in, labels, other_label_sets = [] }: CatalogueFamily) {
  return { name, type, stability: stability.toLowerCase(), optIn: opt_in, labels, others: other_label_sets }
}
