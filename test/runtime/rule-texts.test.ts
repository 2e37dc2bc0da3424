/** The order of texts with rules: those of the configuration in its order, then those of objects by their sources. */
import { expect, test } from 'vitest'
import { createRuleTexts } from '../../src/runtime/rule-texts.ts'

test('texts of several readers are used together, in one order', async () => {
  const used: string[][] = []
  const named = (...sources: string[]) => sources.map((source) => ({ source, text: '' }))
  const texts = createRuleTexts(
    named('z.yaml', 'a.yaml'),
    async (all) => void used.push(all.map(({ source }) => source)),
  )
  await texts.found('second', named('b/n/k', 'd/n/k'))
  await texts.found('first', named('c/n/k', 'a/n/k'))
  await texts.configured(named('y.yaml'))
  await texts.configured(named('y.yaml'))
  await texts.found('second', [])
  expect(used).toEqual([
    ['z.yaml', 'a.yaml', 'b/n/k', 'd/n/k'],
    ['z.yaml', 'a.yaml', 'a/n/k', 'b/n/k', 'c/n/k', 'd/n/k'],
    ['y.yaml', 'a/n/k', 'b/n/k', 'c/n/k', 'd/n/k'],
    ['y.yaml', 'a/n/k', 'c/n/k'],
  ])
})
