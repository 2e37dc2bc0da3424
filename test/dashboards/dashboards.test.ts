/**
 * The Grafana dashboards: every metric and label that a panel or a variable uses exists, and the files are such that Grafana
 * imports them. That the generated files are up to date is part of `npm run check`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { dashboards, pathOf } from '../../scripts/dashboard-files.ts'
import { selfMetrics, stateMetrics } from '../promql/known-metrics.ts'
import { problemsOf, readQuery, withoutGrafanaVariables } from '../promql/query.ts'
import { resultLabels } from '../promql/result-labels.ts'

interface GridPosition {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly collapsed?: boolean
  readonly gridPos: GridPosition
  readonly datasource?: unknown
  readonly panels?: readonly Panel[]
  readonly targets?: readonly {
    readonly expr: string
    readonly legendFormat: string
    readonly refId: string
    readonly interval?: string
  }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly definition?: string
  readonly includeAll: boolean
  readonly allValue?: string
  readonly datasource?: unknown
}

interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

const files = readdirSync('dashboards').filter((file) => file.endsWith('.json'))
const datasource = { type: 'prometheus', uid: `\${datasource}` }
let known: ReadonlyMap<string, ReadonlySet<string>>

beforeAll(async () => {
  known = new Map([...stateMetrics(), ...(await selfMetrics())])
})

/** Panels inside of rows too. */
const allPanels = ({ panels }: Dashboard) => panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])

test('there is one file for each dashboard', () => {
  expect(files.map((file) => `dashboards/${file}`).sort()).toEqual(dashboards.map(pathOf).sort())
})

describe.each(files)('%s', (file) => {
  const text = readFileSync(`dashboards/${file}`, 'utf8')
  const dashboard = JSON.parse(text) as Dashboard
  const panels = allPanels(dashboard)
  const targets = panels.flatMap(({ title, type, targets = [] }) =>
    targets.map((target) => ({ panel: title, type, ...target })),
  )
  const variables = dashboard.templating.list

  it('uses only metrics and labels that exist', () => {
    expect(targets.length).toBeGreaterThan(15)
    const problems = targets.flatMap(({ panel, expr }) =>
      problemsOf(readQuery(withoutGrafanaVariables(expr)), (metric) => known.get(metric)).map((problem) => [
        panel,
        problem,
      ]),
    )
    expect(problems).toEqual([])
  })

  it('names labels in legends that the result has', () => {
    for (const { panel, expr, legendFormat } of targets) {
      const { selectors, groupings } = readQuery(withoutGrafanaVariables(expr))
      const grouped = groupings.flatMap(({ labels }) => labels)
      const own = selectors.flatMap(({ metric = '' }) => [...(known.get(metric) ?? []), 'instance', 'job'])
      const inResult = new Set(groupings.length > 0 ? grouped : own)
      const isAggregated = /^\s*(sum|max|min|count|avg)\s*\(/.test(expr)
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        expect(isAggregated, `${panel}: ${label} of an aggregation without labels`).toBe(false)
        expect([...inResult], panel).toContain(label)
      }
    }
  })

  it('names in legends every label by which lines differ', () => {
    for (const { panel, expr, legendFormat } of targets.filter(({ type }) => type === 'timeseries')) {
      const named = new Set([...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label))
      const labels = resultLabels(withoutGrafanaVariables(expr), (metric) => known.get(metric))
      expect(
        [...labels].filter((label) => !named.has(label)),
        panel,
      ).toEqual([])
    }
  })

  it('has rates over several pushes, which are a minute apart', () => {
    for (const { panel, expr, interval } of targets) if (expr.includes('$__')) expect(interval, panel).toBe('1m')
    expect(text).not.toMatch(/\[\d+[ms]\]/)
  })

  it('uses the variables that it has, in quotes', () => {
    const names = variables.map(({ name }) => name)
    const used = new Set([...text.matchAll(/\$\{?(?!__)(\w+)/g)].map(([, name]) => name))
    expect([...used].sort()).toEqual([...names].sort())
    for (const { expr } of targets)
      expect(withoutGrafanaVariables(expr.replaceAll(/"\$\w+"/g, '""'))).not.toContain('$')
  })

  it('takes the values of variables from series that exist, and series without a cluster too', () => {
    const queries = variables.filter(({ type }) => type === 'query')
    for (const { name, definition = '' } of queries) {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
      expect(
        problemsOf(readQuery(`sum by (${label}) (${selector})`), (metric) => known.get(metric)),
        name,
      ).toEqual([])
    }
    expect(variables.find(({ name }) => name === 'cluster')).toMatchObject({ includeAll: true, allValue: '.*' })
    for (const { panel, expr } of targets)
      for (const { labels } of readQuery(withoutGrafanaVariables(expr)).selectors)
        expect(labels, panel).toContain('cluster')
    expect(text).not.toContain('cluster=\\"')
  })

  it('reads everything from the data source that is chosen', () => {
    expect(variables[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
    for (const { type, datasource: own } of panels) if (type !== 'row') expect(own).toEqual(datasource)
    for (const variable of variables.slice(1)) expect(variable.datasource).toEqual(datasource)
  })

  it('has a fixed address, a version of the format, and no assets from elsewhere', () => {
    expect(`${dashboard.uid}.json`).toBe(file)
    // Grafana's limit.
    expect(dashboard.uid).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39)
    expect(dashboard).not.toHaveProperty('id')
    expect(text).not.toMatch(/https?:|<\w+|data:image/)
  })

  it('numbers panels and queries uniquely', () => {
    const ids = panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { targets: own = [] } of panels) expect(new Set(own.map(({ refId }) => refId)).size).toBe(own.length)
  })

  it('describes every panel', () => {
    const titles = panels.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const { type, title, description } of panels) {
      if (type !== 'row') expect(description, title).toMatch(/^[A-Z0-9].+\.$/)
    }
  })

  it('lays panels out on the grid, none on another', () => {
    const open = dashboard.panels.filter(({ type, collapsed }) => type !== 'row' || collapsed !== undefined)
    const groups = [open, ...dashboard.panels.map(({ panels: inside = [] }) => inside)]
    for (const group of groups) {
      const cells = group.flatMap(({ gridPos }) => cellsOf(gridPos))
      expect(new Set(cells).size).toBe(cells.length)
    }
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })
})

const cellsOf = ({ x, y, w, h }: GridPosition) =>
  Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`)

test('the dashboard of the cluster joins no metrics, and has those of kube-state-metrics only', () => {
  const cluster = JSON.parse(readFileSync('dashboards/kube-state-cluster.json', 'utf8')) as Dashboard
  const state = stateMetrics()
  for (const { expr } of allPanels(cluster).flatMap(({ targets = [] }) => targets)) {
    const query = readQuery(withoutGrafanaVariables(expr))
    expect(query.joins, expr).toBe(false)
    for (const { metric = '' } of query.selectors) expect(state.has(metric), metric).toBe(true)
  }
})

test('the dashboard of the product shows freshness, latency, ledgers, watches, memory and families', () => {
  const used = readFileSync('dashboards/kube-state-otlp.json', 'utf8')
  for (const metric of [
    'kube_state_otlp_push_oldest_change_age_seconds',
    'kube_state_otlp_push_last_success_timestamp_seconds',
    'kube_state_otlp_push_duration_seconds_bucket',
    'kube_state_otlp_push_pending_objects',
    'kube_state_otlp_push_pending_stale_markers',
    'kube_state_otlp_watch_restarts_total',
    'kube_state_otlp_reflectors',
    'process_resident_memory_bytes',
    'kube_state_otlp_series',
    'count by (__name__)',
    'kube_state_otlp_leader',
  ])
    expect(used).toContain(metric)
})
