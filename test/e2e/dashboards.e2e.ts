/**
 * Our dashboards, and those of kubernetes-mixin with its rules and alerts, on a Prometheus that has everything by a push: variables
 * have values, panels have series, and the alerts find the objects that are unwell and no others.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readQuery, withoutGrafanaVariables } from '../promql/query.ts'
import { populate } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import { alerts, panels, recordingRules, variables } from './kubernetes-mixin.ts'
import type { Peer } from './peers.ts'
import { freePort, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import type { PrometheusApi, Sample } from './prometheus-api.ts'
import { createPrometheusApi } from './prometheus-api.ts'
import type { Labels } from './promtool.ts'
import { seriesText, testRules } from './promtool.ts'
import { fetchText } from './receivers.ts'
import type { StartedProduct } from './stack.ts'
import { startProduct } from './stack.ts'
import { createUnwellObjects, reportRestarts, unwell } from './unwell-objects.ts'

const facts = inject('cluster')
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-dashboards-'))
const size = { namespaces: 2, deploymentsPerNamespace: 2, replicas: 2, nodes: 2 }
let prometheus: Peer
let product: StartedProduct
let api: PrometheusApi

beforeAll(async () => {
  await populate(client, size)
  await createUnwellObjects(client)
  const port = await freePort()
  const rules = join(folder, 'rules.json')
  writeFileSync(rules, JSON.stringify({ groups: [{ name: 'k8s.rules', interval: '2s', rules: recordingRules }] }))
  prometheus = startPrometheus(facts.programs, folder, port, { rule_files: [rules] })
  await waitForUrl(`http://127.0.0.1:${port}/-/ready`)
  api = createPrometheusApi(`http://127.0.0.1:${port}`)
  const config = join(folder, 'config.yaml')
  writeFileSync(config, 'push: {flush_interval: 500ms}\n')
  const flags = [
    `--config=${config}`,
    '--otlp-protocol=http/protobuf',
    `--otlp-endpoint=http://127.0.0.1:${port}/api/v1/otlp`,
    '--otlp-constant-labels=cluster=prod',
    '--telemetry-instance-id=pod-uid',
    '--leader-election',
    '--leader-election-namespace=default',
  ]
  product = await startProduct({ facts, folder, flags })
  await waitForRestarts()
})

afterAll(async () => {
  await product?.peer.stop()
  await prometheus?.stop('SIGKILL')
  await client.delete(`/api/v1/namespaces/${unwell}`)
  await client.delete(`/api/v1/persistentvolumes/${unwell}`)
  client.close()
})

/** A counter of restarts that rises while it is in Prometheus. */
async function waitForRestarts(): Promise<void> {
  const restarts = async () => (await api.query('kube_pod_container_status_restarts_total{pod="crashing"}'))[0]?.value
  for (const count of [5, 8]) {
    await reportRestarts(client, count)
    await waitFor(`${count} restarts`, async () => ((await restarts()) === count ? true : undefined))
  }
}

interface Panel {
  readonly title: string
  readonly panels?: readonly Panel[]
  readonly targets?: readonly { readonly expr: string }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly definition: string
  readonly multi: boolean
  readonly allValue?: string
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

/** The text with the values of variables, as Grafana fills them in. */
const fillIn = (text: string, values: ReadonlyMap<string, string>) =>
  [...values].reduce((filled, [name, value]) => filled.replaceAll(`$${name}"`, `${value}"`), text)

/** What Grafana fills in when a dashboard is opened: everything, or the first value where only one can be chosen. */
async function openVariables({ templating }: Dashboard): Promise<Map<string, string>> {
  const values = new Map<string, string>()
  for (const { name, type, definition, multi, allValue } of templating.list) {
    if (type !== 'query') continue
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
    const found = await api.labelValues(fillIn(selector, values), label)
    expect(found, name).not.toEqual([])
    values.set(name, multi ? (allValue ?? `(${found.join('|')})`) : (found[0] ?? ''))
  }
  return values
}

/** Panels with a query that finds no series. */
async function incompletePanels(dashboard: Dashboard): Promise<string[]> {
  const values = await openVariables(dashboard)
  const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  const incomplete = new Set<string>()
  for (const { title, targets = [] } of all) {
    for (const { expr } of targets) {
      const found = await api.query(withoutGrafanaVariables(fillIn(expr, values)))
      if (found.length === 0) incomplete.add(title)
    }
  }
  return [...incomplete]
}

/** Panels that show only what failed, or what limits withhold. */
const emptyWhenWell = new Set([
  'Custom resources: rules with errors',
  'Lists and watches that failed',
  'Objects and families that failed',
  'Series withheld by limits',
  'Watch restarts by reason',
])

describe.each(['kube-state-otlp', 'kube-state-cluster'])('the dashboard %s', (uid) => {
  it('has values for its variables, and series in its panels', async () => {
    const dashboard = JSON.parse(readFileSync(`dashboards/${uid}.json`, 'utf8')) as Dashboard
    let incomplete: readonly string[] = []
    // Self-metrics are pushed once a minute, and a rate takes two of them.
    await waitFor(
      'series in all panels',
      async () => {
        await fetchText(product.metricsUrl)
        incomplete = (await incompletePanels(dashboard)).filter((title) => !emptyWhenWell.has(title))
        return incomplete.length === 0 ? true : undefined
      },
      240_000,
    ).catch((error: unknown) => expect.fail(`${error}: no series in ${incomplete.join(', ')}`))
  })
})

describe('the dashboards of kubernetes-mixin', () => {
  const chosen = new Map([
    ['namespace', unwell],
    ['pod', 'crashing'],
  ])

  /** Values of the variables: those above where they are offered, otherwise the first one. */
  async function openMixin(): Promise<Map<string, string>> {
    const values = new Map<string, string>()
    for (const [name, selector] of variables) {
      const found = await waitFor(`values of ${name}`, async () => {
        const offered = await api.labelValues(fillIn(selector, values), name)
        return offered.length > 0 ? offered : undefined
      })
      const wanted = chosen.get(name)
      if (wanted !== undefined) expect(found).toContain(wanted)
      values.set(name, wanted ?? (name === 'node' || name === 'workload_type' ? found.join('|') : (found[0] ?? '')))
    }
    return values
  }

  it('fill their variables, the clusters from up of kube-state-metrics', async () => {
    const values = await openMixin()
    expect([...values.keys()]).toEqual(variables.map(([name]) => name))
    expect(values.get('cluster')).toBe('prod')
  })

  it.each(Object.entries(panels))('%s has series', async (_title, expressions) => {
    const values = await openMixin()
    for (const expression of expressions) {
      const filled = fillIn(expression, values)
      expect(filled).not.toContain('$')
      const isDrawn = ({ value }: Sample) => Number.isFinite(value)
      await waitFor(filled, async () => ((await api.query(filled)).some(isDrawn) ? true : undefined), 60_000)
    }
  })
})

describe('the alerts of kubernetes-mixin', () => {
  const names = Object.keys(alerts) as (keyof typeof alerts)[]
  const severity = { severity: 'warning' }
  const isUnwell = ({ labels }: Sample) => Object.values(labels).includes(unwell)
  const firing = [
    ...['KubePodCrashLooping', 'KubePodNotReady', 'KubeContainerWaiting', 'KubeDeploymentReplicasMismatch'],
    ...['KubeStatefulSetReplicasMismatch', 'KubeDaemonSetRolloutStuck', 'KubeJobFailed', 'KubeHpaMaxedOut'],
    ...['KubeQuotaFullyUsed', 'KubePersistentVolumeErrors'],
  ]

  it('find the objects that are unwell', async () => {
    for (const name of firing) {
      const { expr } = alerts[name as keyof typeof alerts]
      await waitFor(name, async () => ((await api.query(expr)).some(isUnwell) ? true : undefined), 60_000)
    }
    for (const name of names.filter((other) => !firing.includes(other)))
      expect((await api.query(alerts[name].expr)).filter(isUnwell), name).toEqual([])
  })

  it('find no object that is well', async () => {
    const namespaces = Array.from({ length: size.namespaces }, (_, i) => `churn-${i}`)
    const isWell = ({ labels: { namespace = '', node = '' } }: Sample) =>
      namespaces.includes(namespace) || /^node-/.test(node)
    const found = async () => {
      const all = await Promise.all(
        names.map(async (name) => [name, (await api.query(alerts[name].expr)).filter(isWell)]),
      )
      return all.filter(([, samples]) => samples?.length !== 0)
    }
    await waitFor('healthy pods', async () => ((await found()).length === 0 ? true : undefined)).catch(async () =>
      expect(await found()).toEqual([]),
    )
  })

  it('fire after the published time', async () => {
    const metrics = new Set(
      names.flatMap((name) => readQuery(alerts[name].expr).selectors.map(({ metric = '' }) => metric)),
    )
    const selector = `{job="kube-state-metrics",__name__=~"${[...metrics].join('|')}"}`
    const held = (await api.query(selector)).filter(isUnwell)
    const rules = names.map((alert) => ({ alert, ...alerts[alert], labels: severity }))
    const expected = await Promise.all(
      names.map(async (alertname) => {
        const samples = (await api.query(alerts[alertname].expr)).filter(isUnwell)
        const exp_alerts = samples.map(({ labels }) => ({ exp_labels: { ...withoutName(labels), ...severity } }))
        return { alertname, eval_time: '100m', exp_alerts }
      }),
    )
    const output = testRules(facts, {
      rules: JSON.stringify({ groups: [{ name: 'kubernetes', rules }] }),
      series: held.map(({ labels, value }) => ({ series: seriesText(labels), values: `${value}+0x120` })),
      expected,
    })
    expect(output).toBe('')
    expect(
      expected
        .filter(({ exp_alerts }) => exp_alerts.length > 0)
        .map(({ alertname }) => alertname)
        .sort(),
    ).toEqual([...firing].sort())
  })
})

function withoutName({ __name__: _, ...labels }: Labels): Labels {
  return labels
}
