import type { SelfMetrics } from '../../src/telemetry/self-metrics.ts'

/** Reports one thing through every verb. */
export function reportEverything(metrics: SelfMetrics): void {
  const toDefault = metrics.destination('default')
  toDefault.pushRequest({ outcome: 'success', points: 1000, bytes: 150_000, seconds: 0.02 })
  toDefault.pointsRejected(2)
  metrics.customResourceDefinitionAdded()
  metrics.customResourceDefinitionDeleted()
  toDefault.objectSetAside('pods')
  toDefault.staleMarkersDropped(3)
  metrics.familyError('pods', 'kube_pod_info')
  metrics.duplicateObservations('pods', 1)
  metrics.listRequest({ apiVersion: 'apps/v1', kind: 'Deployment', result: 'success' })
  metrics.watchRequest({ apiVersion: 'v1', kind: 'Pod', result: 'error' })
  metrics.watchEvent({ resource: 'pods', event: 'added' })
  metrics.watchEvent({ resource: 'pods', event: 'added' })
  metrics.watchRestart({ resource: 'pods', reason: 'expired' })
  metrics.decodeError('pods')
  metrics.objectError('pods')
  metrics.scrape({ outcome: 'complete', bytes: 5000, seconds: 0.2 })
  metrics.httpRequest({ handler: 'metrics', method: 'GET', status: 200, seconds: 0.2 })
  metrics.configReload({ type: 'config', filename: 'config.yml', content: Buffer.from('resources: {}') })
  metrics.sharding({ ordinal: 1, total: 2 })
  metrics.observeGauge('kube_state_otlp_objects', 'Objects held.', () => [
    { value: 7, attributes: { resource: 'pods' } },
    { value: 0, attributes: { resource: 'nodes' } },
  ])
}
