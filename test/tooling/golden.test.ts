/**
 * `npm run golden`: missing files are written, differing ones are shown and written only if named, output of KSM is
 * never written.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { updateGoldens } from '../../scripts/golden-files.ts'
import { readCases } from '../conformance/cases.ts'

const sample = 'kube_configmap_created{namespace="a",configmap="one"} 1'
const yaml = `
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: a, uid: u1, creationTimestamp: '1970-01-01T00:00:01Z'}
`
let folder: string
let printed: string[]
const prom = () => join(folder, 'configmaps/kube_configmap_created.prom')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-'))
  printed = []
  mkdirSync(join(folder, 'configmaps'))
  writeFileSync(join(folder, 'configmaps/kube_configmap_created.yaml'), yaml)
})
afterEach(() => rmSync(folder, { recursive: true }))

function update(...named: string[]) {
  printed = []
  return updateGoldens({
    goldens: readCases(folder),
    recorded: new Set(['pods/quantities']),
    named: new Set(named),
    print: (line) => printed.push(line),
  })
}

test('a case without output gets it, and is left alone from then on', () => {
  const lines = ['# TYPE kube_configmap_created gauge', sample]
  expect(update()).toBe(0)
  expect(printed).toEqual(['configmaps/kube_configmap_created: written', ...lines.map((line) => `+ ${line}`)])
  expect(readFileSync(prom(), 'utf8')).toBe(`${lines.join('\n')}\n`)
  expect(update()).toBe(0)
  expect(printed).toEqual([])
})

test('a case that differs is shown, and written once it is named', () => {
  update()
  const old = `${sample}0`
  const outdated = readFileSync(prom(), 'utf8').replace(sample, old)
  writeFileSync(prom(), outdated)
  expect(update()).toBe(1)
  expect(printed).toEqual([
    expect.stringContaining('--update configmaps/kube_configmap_created'),
    `- ${old}`,
    `+ ${sample}`,
  ])
  expect(readFileSync(prom(), 'utf8')).toBe(outdated)
  expect(update('configmaps/kube_configmap_created')).toBe(0)
  expect(update()).toBe(0)
})

test.each([
  ['pods/quantities', 'never written'],
  ['pods/nowhere', 'no such case'],
])('%s is refused: %s', (name, reason) => {
  expect(update(name)).toBe(2)
  expect(printed).toEqual([expect.stringContaining(reason)])
})
