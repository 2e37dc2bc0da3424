/**
 * Random rules on random objects, with the samples that kube-state-metrics v2.20 made of them. A line of recorded.jsonl
 * holds a configuration, objects as JSON texts, and samples as name, labels and value.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { FreeFamily } from '../../src/families/family.ts'
import { parseExact } from '../../src/kubernetes/decode/json-scan.ts'

interface Recorded {
  readonly config: object
  readonly objects: readonly string[]
  readonly samples: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: string])[]
}

const recorded: readonly Recorded[] = readFileSync(join(import.meta.dirname, 'recorded.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const kind = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true }

function samplesOf({ config, objects }: Recorded): string[] {
  const { rules } = readRules([{ source: 'rules', text: JSON.stringify(config) }])
  const samples: string[] = []
  for (const { families } of rules.resolve([kind])) {
    for (const family of families as readonly FreeFamily<unknown>[]) {
      for (const text of objects) {
        const raw = parseExact(text) as { metadata: object }
        family.callback({ metadata: raw.metadata, raw }, (value, names, values) => {
          expect(names).toEqual(names.toSorted())
          samples.push(
            sampleText(family.name, Object.fromEntries(names.map((name, i) => [name, values[i] as string])), value),
          )
        })
      }
    }
  }
  return samples.sort()
}

function sampleText(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([name, sorted, String(value)])
}

/** kube-state-metrics prints copied keys such as `1` and the empty one as they are, and Prometheus then refuses its whole page. */
const validLabels = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name.replace(/^(?=\d|$)/, '_'), value]))

test('there are many', () => expect(recorded.length).toBeGreaterThan(100))

test.each(recorded.map((one, index) => ({ one, index })))('rules $index', ({ one }) => {
  const expected = one.samples.map(([name, labels, value]) =>
    sampleText(name, validLabels(labels), Number(value.replace('Inf', 'Infinity'))),
  )
  expect(samplesOf(one)).toEqual(expected.sort())
})
