import { expect, test } from 'vitest'
import { readConfiguration } from '../../src/custom-resources/read-configuration.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { FreeFamily } from '../../src/families/family.ts'
import { createRuleLog } from '../../src/runtime/rule-reports.ts'
import type { Log } from '../../src/telemetry/log.ts'

const text = `
spec:
  resources:
    - groupVersionKind: {group: wood.example, version: v1, kind: Tree}
      metrics:
        - {name: height, help: H, each: {type: Gauge, gauge: {path: [status, hieght]}}}
        - {name: age, help: A, each: {type: Gauge, gauge: {path: [status, ages]}}}
        - {name: quiet, help: Q, errorLogV: 4, each: {type: Gauge, gauge: {path: [status, ages]}}}
    - groupVersionKind: {group: wood.example, version: v2, kind: Bush}
      metrics: [{name: width, help: W, each: {type: Gauge, gauge: {path: [spec, width]}}}]
`
const kind = { group: 'wood.example', version: 'v1', kind: 'Tree', plural: 'trees', namespaced: true }

function startLog() {
  const { rules } = readRules([{ source: 'rules.yaml', text }])
  const lines: string[] = []
  const note = (level: string) => (message: string) => lines.push(`${level}: ${message}`)
  rules.resolve([kind])
  const log = createRuleLog(rules, { warn: note('warn'), debug: note('debug') } as unknown as Log)
  const reload = (text: string) => rules.update(readConfiguration('rules.yaml', text).resources)
  const observe = (status: object) => {
    const raw = { metadata: {}, status }
    const [resource] = rules.resolve([kind])
    for (const { callback } of (resource?.families ?? []) as readonly FreeFamily<unknown>[]) {
      callback({ metadata: { namespace: 'hill', name: 'oak' }, raw }, () => {})
    }
  }
  const look = () => {
    log()
    return lines.splice(0)
  }
  return { observe, look, reload }
}

test('a rule without any result is logged once, with the fields that exist instead', () => {
  const { observe, look } = startLog()
  expect(look()).toEqual([
    'warn: the rule Bush/kube_customresource_width (rules.yaml:10) has no samples: the API serves no wood.example/v2 Bush',
  ])
  observe({ height: 3, ages: [1] })
  expect(look()).toEqual([
    'warn: the rule Tree/kube_customresource_height (rules.yaml:6) has no samples for 1 objects, for example hill/oak at [status, hieght]: no "hieght" in [status], which has height, ages',
  ])
  observe({ height: 3, ages: [1] })
  expect(look()).toEqual([])
})

test('new errors are counted with the last object and path, at debug level if the rule sets it', () => {
  const { observe, look } = startLog()
  look()
  observe({ hieght: 1, ages: [1, 'old', 'older'] })
  const last =
    'skipped 2 values; latest: hill/oak at [status, ages, 2]: expected a number, a boolean, a time, a quantity or a percentage, got "older"'
  expect(look()).toEqual([
    `warn: the rule Tree/kube_customresource_age (rules.yaml:7) ${last}`,
    `debug: the rule Tree/kube_customresource_quiet (rules.yaml:8) ${last}`,
  ])
  expect(look()).toEqual([])
})

test('a rule that was changed where it stands begins anew', () => {
  const { observe, look, reload } = startLog()
  observe({ hieght: 1, ages: ['young', 'old', 'older'] })
  look()
  reload(text.replace('[status, hieght]', '[status, heihgt]'))
  observe({ hieght: 1, ages: ['old'] })
  expect(look()).toEqual([
    expect.stringMatching(
      /height .* has no samples for 1 objects, .* no "heihgt" in \[status\], which has hieght, ages$/,
    ),
    expect.stringMatching(/_age .* has no samples for 1 objects/),
    expect.stringMatching(/_age .* skipped 1 values; latest: /),
    expect.stringMatching(/_quiet .* has no samples for 1 objects/),
    expect.stringMatching(/_quiet .* skipped 1 values; latest: /),
  ])
})

test('a rule that was only moved is logged with its new line, and not again', () => {
  const { observe, look, reload } = startLog()
  observe({ height: 1, ages: ['old'] })
  expect(look()).not.toEqual([])
  reload(`# a line more\n${text}`)
  expect(look()).toEqual([])
  observe({ height: 1, ages: ['older'] })
  expect(look()).toEqual([
    expect.stringMatching(/_age \(rules.yaml:8\) skipped 1 values/),
    expect.stringMatching(/_quiet \(rules.yaml:9\) skipped 1 values/),
  ])
})
