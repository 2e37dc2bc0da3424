/** Rules that change: entries with the same content keep their resources; entries of several files add up. */
import { expect, test } from 'vitest'
import { readConfiguration } from '../../src/custom-resources/read-configuration.ts'
import { createCustomResourceRules } from '../../src/custom-resources/rules.ts'

const kind = { group: 'g', version: 'v1', kind: 'A', plural: 'as', namespaced: true }
const declarationsOf = (source: string, name: string, before = '') => {
  const text = `${before}spec: {resources: [{groupVersionKind: {group: g, version: v1, kind: A}, metrics: [{name: ${name}, each: {type: Gauge, gauge: {path: [x]}}}]}]}`
  return readConfiguration(source, text).resources
}

test('an entry with the same content keeps its resource, whatever its position', () => {
  const rules = createCustomResourceRules(declarationsOf('a', 'm'))
  const [before] = rules.resolve([kind])
  rules.update(declarationsOf('a', 'm', '# moved\n\n'))
  expect(rules.resolve([kind])[0]).toBe(before)
  rules.update(declarationsOf('a', 'n'))
  expect(rules.resolve([kind])[0]).not.toBe(before)
  rules.update([])
  expect(rules.resolve([kind])).toEqual([])
})

test('of one file the last entry for a kind counts, those of several files add up', () => {
  const namesOf = (...declarations: ReturnType<typeof declarationsOf>) => {
    const [resource] = createCustomResourceRules(declarations).resolve([kind])
    return resource?.families.map(({ name }) => name)
  }
  const [first, second, other] = ['m', 'n', 'o'].map((name) => declarationsOf(name === 'o' ? 'b' : 'a', name))
  expect(namesOf(...(first ?? []), ...(second ?? []))).toEqual(['kube_customresource_n'])
  expect(namesOf(...(first ?? []), ...(other ?? []))).toEqual(['kube_customresource_m', 'kube_customresource_o'])
})
