/** Pushes metrics of an own resource together with the built-in ones. Run: node main.ts http://collector:4317 */

import { builtInResources, startStateMetrics } from 'kube-state-otlp'
import { widgets } from './widgets.ts'

const [endpoint = 'http://127.0.0.1:4317'] = process.argv.slice(2)

const metrics = await startStateMetrics({
  resources: [...builtInResources, widgets],
  settings: { resources: { pods: {}, widgets: {} }, otlp: { endpoint } },
  env: process.env,
})

process.once('SIGTERM', () => metrics.stop())
process.once('SIGINT', () => metrics.stop())
