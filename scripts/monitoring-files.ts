/** Copies of the alerts and the dashboards in deploy/: kustomize and Helm read no files outside of their folders. */
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { dashboards, pathOf } from './dashboard-files.ts'
import { renderDashboard } from './dashboards/dashboard.ts'

const name = 'kube-state-otlp'
const alerts = 'alerts/kube-state-otlp.yaml'
const chart = 'deploy/helm/kube-state-otlp/files'
const components = 'deploy/kustomize/components'
const labels = { 'app.kubernetes.io/name': name }

const readAlerts = () => readFileSync(new URL(`../${alerts}`, import.meta.url), 'utf8')
const generated = (from: string) => `# Generated from ${from} by npm run docs; do not edit.\n`

/** Functions that return the content of a file, by its path in the project. */
export const monitoringFiles: Readonly<Record<string, () => string>> = {
  [`${components}/prometheus-rule/prometheus-rule.yaml`]: renderPrometheusRule,
  [`${components}/dashboards/config-maps.yaml`]: renderConfigMaps,
  [`${chart}/alerts.yaml`]: () => generated(alerts) + readAlerts(),
  ...Object.fromEntries(
    dashboards.map((dashboard) => [`${chart}/${pathOf(dashboard)}`, () => renderDashboard(dashboard)]),
  ),
}

function renderPrometheusRule(): string {
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, namespace: name, labels },
    spec: parse(readAlerts()) as object,
  }
  return generated(alerts) + stringify(rule, { lineWidth: 0 })
}

/** With the label that the sidecar of the Grafana chart looks for. */
function renderConfigMaps(): string {
  const configMaps = dashboards.map((dashboard) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `dashboard-${dashboard.uid}`,
      namespace: name,
      labels: { ...labels, grafana_dashboard: '1' },
    },
    data: { [`${dashboard.uid}.json`]: renderDashboard(dashboard) },
  }))
  return generated('scripts/dashboards') + configMaps.map((map) => stringify(map, { lineWidth: 0 })).join('---\n')
}
