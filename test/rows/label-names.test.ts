import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareKeys, sanitizeLabelName } from '../../src/families/label-name.ts'
import { toLabelName, toLabelNames } from '../../src/rows/label-names.ts'
import { readGoldenObjects } from '../conformance/goldens.ts'

describe('label names', () => {
  test.each([
    ['app', 'label_app'],
    ['app.kubernetes.io/name', 'label_app_kubernetes_io_name'],
    ['HTTPServer2Go', 'label_httpserver2_go'],
    ['UPPER', 'label_upper'],
    ['v1Beta2API', 'label_v1_beta2_api'],
    ['2fast', 'label_2fast'],
    ['', 'label_'],
    ['a_B', 'label_a_b'],
    ['a.B', 'label_a_b'],
    ['aB', 'label_a_b'],
    ['größe', 'label_gr__e'],
    ['x😀y', 'label_x_y'],
    ['éA', 'label__a'],
  ])('%j is %s', (key, name) => expect(toLabelName('label', key)).toBe(name))

  test('sanitising alone keeps case', () => expect(sanitizeLabelName('spec.maxReplicas-2')).toBe('spec_maxReplicas_2'))

  test('keys are ordered by their UTF-8 bytes', () => {
    const bytes = (text: string) => Buffer.from(text)
    const keys = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(keys, keys, (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(Buffer.compare(bytes(left), bytes(right)))
      }),
    )
    expect(compareKeys('😀', '\uff21')).toBeGreaterThan(0)
  })
})

describe('clashing label names', () => {
  test.each<[string[], string[]]>([
    [
      ['a', 'b'],
      ['label_a', 'label_b'],
    ],
    [
      ['a-b', 'a.b'],
      ['label_a_b_conflict1', 'label_a_b_conflict2'],
    ],
    [
      ['a-b', 'a.b', 'a_b'],
      ['label_a_b_conflict1', 'label_a_b_conflict2', 'label_a_b_conflict3'],
    ],
    [
      ['foo.bar_conflict1', 'fooBar', 'foo_bar'],
      ['label_foo_bar_conflict1', 'label_foo_bar_conflict2', 'label_foo_bar_conflict3'],
    ],
    [
      ['a-b', 'a.b', 'a_b_conflict1'],
      ['label_a_b_conflict1_conflict1', 'label_a_b_conflict2', 'label_a_b_conflict1_conflict2'],
    ],
  ])('%j', (keys, names) => expect(toLabelNames('label', keys)).toEqual(names))

  test('the conformance case, order included', () => {
    type Pod = { metadata: { name: string; labels: Record<string, string> } }
    const pods = readGoldenObjects<Pod>('pods/labels-conflicts')
    const printed = readFileSync(new URL('../conformance/cases/pods/labels-conflicts.prom', import.meta.url), 'utf8')
    const lines = printed.split('\n').filter((line) => line.startsWith('kube_pod_labels{'))
    expect(lines).toHaveLength(2)
    for (const pod of pods) {
      const keys = Object.keys(pod.metadata.labels).sort(compareKeys)
      const names = toLabelNames('label', keys)
      const expected = keys.map((key, index) => `${names[index]}="${pod.metadata.labels[key]}"`).join(',')
      expect(lines.find((line) => line.includes(`pod="${pod.metadata.name}"`))).toContain(`,${expected}} 1`)
    }
  })

  test('no name is given twice, and names that clash with none stay', () => {
    const key = fc
      .array(fc.constantFrom('a', 'b', 'A', 'B', '.', '-', '_', '_conflict1', '_conflict2'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 12 }), (keys) => {
        keys.sort(compareKeys)
        const names = toLabelNames('label', keys)
        expect(names).toHaveLength(keys.length)
        expect(new Set(names).size).toBe(keys.length)
        for (const [index, name] of names.entries())
          expect(name.startsWith(toLabelName('label', keys[index] ?? ''))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
