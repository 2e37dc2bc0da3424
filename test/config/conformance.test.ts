/** The flags and files of the conformance cases: accepted or rejected as by KSM. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { load } from './inputs.ts'

const root = fileURLToPath(new URL('../conformance/cases', import.meta.url))
const cases = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.args'))
  .map((path) => path.replace(/\.args$/, ''))

function loadCase(name: string) {
  const folder = `${root}/${name.replace(/\/.*/, '')}`
  const lines = readFileSync(`${root}/${name}.args`, 'utf8').split('\n')
  const argv = lines.filter((line) => line !== '').map((line) => line.replaceAll('{dir}', folder))
  return load({ argv, readsCluster: false })
}

describe('conformance', () => {
  it('has cases of both kinds', () => {
    expect(cases.filter((name) => name.startsWith('rejections/')).length).toBeGreaterThan(5)
    expect(cases.filter((name) => name.startsWith('scoping/')).length).toBeGreaterThan(5)
  })

  it.each(cases.filter((name) => name.startsWith('rejections/')))('%s is refused', (name) => {
    const loaded = loadCase(name)
    expect(loaded.ok ? [] : loaded.problems).toHaveLength(1)
  })

  it.each(cases.filter((name) => !name.startsWith('rejections/')))('%s is taken', (name) => {
    expect(loadCase(name)).toMatchObject({ ok: true, notices: [] })
  })
})
