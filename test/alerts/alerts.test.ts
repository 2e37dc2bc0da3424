/**
 * The alert rules: every metric and label in them exists, and each alert has a page that says what it means, how to check, and what
 * to do. test/e2e/own-alerts.e2e.ts runs them with promtool.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { allSettings } from '../../src/config/schema.ts'
import { selfMetrics, stateMetrics } from '../promql/known-metrics.ts'
import { problemsOf, readQuery } from '../promql/query.ts'
import type { AlertRule } from './rule-file.ts'
import { alertRules, groups } from './rule-file.ts'

let known: ReadonlyMap<string, ReadonlySet<string>>

beforeAll(async () => {
  known = new Map([...stateMetrics(), ...(await selfMetrics())])
})

const pages = readdirSync('docs/runbooks').map((file) => file.replace('.md', ''))
const runbook = (alert: string) => readFileSync(`docs/runbooks/${alert}.md`, 'utf8')

test('there is one page for each alert', () => {
  expect(alertRules.length).toBeGreaterThan(15)
  expect(alertRules.map(({ alert }) => alert).sort()).toEqual([...pages].sort())
})

test('the alerts are about push, watches, the leader, cardinality and the process', () => {
  expect(groups.map(({ name }) => name)).toEqual(
    ['push', 'watch', 'leader', 'cardinality', 'process'].map((name) => `kube-state-otlp.${name}`),
  )
})

/** The labels that the result of the outermost aggregation, or of a plain selector, can have. */
function resultLabels({ expr }: AlertRule): ReadonlySet<string> {
  const { selectors, groupings } = readQuery(expr)
  const own = selectors.flatMap(({ metric = '' }) => [...(known.get(metric) ?? [])])
  const labels = groupings.length > 0 ? groupings.flatMap(({ labels }) => labels) : own
  return new Set([...labels, 'job', 'instance', 'cluster'])
}

describe.each(alertRules.map((rule) => [rule.alert, rule] as const))('%s', (alert, rule) => {
  it('uses only metrics and labels that exist', () => {
    expect(problemsOf(readQuery(rule.expr), (metric) => known.get(metric))).toEqual([])
  })

  it('has a severity, a summary, and a description with labels of the result', () => {
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity)
    expect(rule.annotations.summary).toMatch(/^[A-Z].+\.$|^kube-state-otlp .+\.$/)
    const used = [...rule.annotations.description.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
    for (const label of used) expect([...resultLabels(rule)]).toContain(label)
  })

  it('names its page, which has the three parts', () => {
    expect(rule.annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks/${alert}\\.md$`))
    expect(runbook(alert).match(/^##? .+$/gm)).toEqual([`# ${alert}`, '## Check', '## Do'])
  })

  it('has a page whose metrics, settings and links exist', () => {
    const text = runbook(alert)
    const metrics = text.match(/\b(?:kube_state|process|nodejs)_[a-z_]+(?=[`({ [])/g) ?? []
    expect(metrics.filter((name) => !known.has(name))).toEqual([])
    const sections = 'otlp|push|telemetry|leader_election|kubernetes|server'
    const settings = [...text.matchAll(new RegExp(`\`((?:${sections})\\.[a-z_]+)`, 'g'))].map(([, key = '']) => key)
    expect(settings.filter((key) => !(allSettings as ReadonlyMap<string, unknown>).has(key))).toEqual([])
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)/g))
      expect(() => readFileSync(`docs/runbooks/${link}`)).not.toThrow()
  })
})

test('docs/dashboards-and-alerts.md lists every alert with its severity and page', () => {
  const text = readFileSync('docs/dashboards-and-alerts.md', 'utf8')
  const rows = [...text.matchAll(/^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) \| [A-Za-z ]+ \| (\w+) \| (.+) \|$/gm)]
  expect(rows.map(([, alert, page, severity, summary]) => ({ alert, page, severity, summary }))).toEqual(
    alertRules.map(({ alert, labels: { severity }, annotations: { summary } }) => ({
      alert,
      page: alert,
      severity,
      summary,
    })),
  )
})

test('what the rules file says is all that Prometheus reads', () => {
  const fields = parse(readFileSync('alerts/kube-state-otlp.yaml', 'utf8')) as object
  expect(Object.keys(fields)).toEqual(['groups'])
  for (const rule of alertRules)
    expect(['alert', 'annotations', 'expr', 'for', 'labels']).toEqual(expect.arrayContaining(Object.keys(rule)))
})
