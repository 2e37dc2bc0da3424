/** Compares the flag table of the migration page with the schema: it has each flag of KSM, with its status. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allSettings } from '../../src/config/schema.ts'
import { withoutEffect } from '../../src/config/sections/compatibility.ts'
import { flagOf } from '../../src/config/setting.ts'

const page = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `--([a-z-]+)` \| (.*) \|$/gm)].map(([, flag = '', fate = '']) => ({ flag, fate }))
const settings = new Map([...allSettings].map(([key, setting]) => [flagOf(key, setting), setting]))
const silent = new Set(withoutEffect.map(({ flag }) => flag))

test('the table is there', () => expect(rows.length).toBeGreaterThan(30))

test.each(rows)('--$flag: $fate', ({ flag, fate }) => {
  const refused = settings.get(flag)?.refused
  if (fate === 'the same') expect(settings.has(flag) && refused === undefined).toBe(true)
  else if (fate === 'accepted, without effect') expect(silent.has(flag)).toBe(true)
  else expect(`rejected: ${refused}`.startsWith(fate)).toBe(true)
})

test('no refused or silent flag is missing from it', () => {
  const klog = /_|^v$|^vmodule$|^logtostderr$|^alsologtostderr$|^stderrthreshold$/
  const refused = [...settings].filter(([, setting]) => setting.refused !== undefined).map(([flag]) => flag)
  const expected = [...refused, ...[...silent].filter((flag) => !klog.test(flag))]
  expect(expected.filter((flag) => !rows.some((row) => row.flag === flag))).toEqual([])
})
