/** Alerts and dashboards of the Helm chart: they are those of the project, where and with the labels that the values ask for. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import type { Manifest } from '../deploy/kustomize.ts'
import { problemsOf } from '../deploy/manifest-schemas.ts'
import { createHelm } from './helm.ts'

const helm = createHelm(inject('cluster'))
const namespace = 'helm'

const render = (...values: string[]) => helm.render('it', namespace, ...values.map((value) => `--set-string=${value}`))
const isDashboard = ({ kind, data }: Manifest) =>
  kind === 'ConfigMap' && Object.keys(data as object).some((name) => name.endsWith('.json'))
const isRule = ({ kind }: Manifest) => kind === 'PrometheusRule'

it('there are none by default', () => {
  expect(helm.render('it', namespace).filter((object) => isDashboard(object) || isRule(object))).toEqual([])
})

it('the alerts are those of alerts/, templates in them unchanged', () => {
  const objects = helm.render('it', namespace, '--set=prometheus.rules.enabled=true').filter(isRule)
  expect(objects.map(({ spec }) => spec)).toEqual([parse(readFileSync('alerts/kube-state-otlp.yaml', 'utf8'))])
  expect(JSON.stringify(objects)).toContain('{{ $labels.instance }}')
  expect(objects.flatMap(problemsOf)).toEqual([])
})

it('the dashboards are those of dashboards/, each in a ConfigMap that the sidecar of Grafana finds', () => {
  const objects = helm.render('it', namespace, '--set=dashboards.enabled=true').filter(isDashboard)
  const found = objects.flatMap(({ data }) => Object.entries(data as Record<string, string>))
  const files = readdirSync('dashboards').map((file) => [file, JSON.parse(readFileSync(`dashboards/${file}`, 'utf8'))])
  expect(Object.fromEntries(found.map(([name, text]) => [name, JSON.parse(text)]))).toEqual(Object.fromEntries(files))
  for (const { metadata } of objects) expect(metadata).toMatchObject({ namespace, labels: { grafana_dashboard: '1' } })
  expect(objects.flatMap(problemsOf)).toEqual([])
})

it('namespace, labels and annotations are those of the values', () => {
  const flags = ['prometheus.rules', 'dashboards'].flatMap((key) => [`${key}.enabled=true`, `${key}.namespace=other`])
  const [rule] = helm
    .render('it', namespace, ...flags.map((flag) => `--set=${flag}`), '--set=prometheus.rules.additionalLabels.role=x')
    .filter(isRule)
  expect(rule?.metadata).toMatchObject({
    namespace: 'other',
    labels: { role: 'x', 'app.kubernetes.io/instance': 'it' },
  })
  const objects = helm.render(
    'it',
    namespace,
    ...flags.map((flag) => `--set=${flag}`),
    '--set=dashboards.annotations.grafana_folder=State',
    '--set-string=dashboards.labels.grafana_dashboard=2',
  )
  for (const { metadata } of objects.filter(isDashboard)) {
    expect(metadata).toMatchObject({
      namespace: 'other',
      annotations: { grafana_folder: 'State' },
      labels: { grafana_dashboard: '2' },
    })
  }
})

it('an unknown value is refused', () => {
  expect(() => render('dashboards.enable=true')).toThrow(/enable/)
  expect(() => render('prometheus.rules.groups=x')).toThrow(/groups/)
})
