/** What somebody who may create objects puts into them to do harm, and what the page must be all the same. */
import { expect } from 'vitest'

/** Ends the label and the line that it is written into, and begins another series. */
export const injection = 'a"} 1\nevil_metric{x="\\'

export const hostileKeys = [
  injection,
  '\n# TYPE evil_metric gauge\nevil_metric 1\n',
  'ü€\u{1f600}',
  '__proto__',
  'constructor',
  '',
  '\0',
  '0',
  '__name__',
]

/** Of a custom resource in which anything may be. */
export const definition = {
  metadata: { name: 'tools.shed.example', uid: 'definition' },
  spec: {
    group: 'shed.example',
    scope: 'Namespaced',
    names: { kind: 'Tool', plural: 'tools' },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
}

export const rules = `
spec:
  resources:
    - groupVersionKind: {group: shed.example, version: v1, kind: Tool}
      metricNamePrefix: tool
      labelsFromPath: {name: [metadata, name], note: [spec, note]}
      metrics:
        - {name: weight, help: Weight, each: {type: Gauge, gauge: {path: [spec, weight], nilIsZero: true}}}
        - {name: part, help: Parts, each: {type: Gauge, gauge: {path: [spec, parts], valueFrom: [weight]}}}
        - {name: traits, help: Traits, each: {type: Info, info: {path: [spec], labelsFromPath: {"*": [traits]}}}}
        - {name: origin, help: Origin, each: {type: Info, info: {labelsFromPath: {origin: [spec, origin]}}}}
`

export const ownerReferences = Array.from({ length: 5_000 }, (_, i) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  name: `o${i}`,
  uid: `${i}`,
}))

/** Every address with every port is a series. */
export const addresses = Array.from({ length: 5_000 }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }))
export const ports = Array.from({ length: 5_000 }, (_, i) => ({ name: `p${i}`, port: i + 1, protocol: 'TCP' }))

/** Less than the 256 KiB that the API server admits. */
export const manyAnnotations = Object.fromEntries(
  Array.from({ length: 8_000 }, (_, i) => [`key-${i}.example/k`, 'v'.repeat(12)]),
)

const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`
const sample = new RegExp(String.raw`^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{${label}(?:,${label})*\})? \S+$`)

/** Every line is a sample, or a HELP or TYPE of a metric name. */
export function expectValid(page: string): void {
  const lines = page.split('\n').filter((line) => line !== '' && !/^# (HELP|TYPE) [a-z_]+ /.test(line))
  expect(lines.filter((line) => !sample.test(line)).map((line) => line.slice(0, 200))).toEqual([])
}
