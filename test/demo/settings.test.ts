import { expect, test } from 'vitest'
import { readSettings } from '../../demo/settings.ts'

test.each([
  [['faults'], true],
  [['weather'], true],
  [[], false],
])('options %j: fault injection %j', (names, faults) => {
  expect(readSettings(new Map(names.map((name) => [name, ['']])))).toMatchObject({ faults })
})
