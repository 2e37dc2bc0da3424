/** The dashboard of kube-state-otlp itself, on its self-metrics. */
import type { Dashboard } from './dashboard.ts'
import { freshness, overview, push } from './product-delivery.ts'
import { cardinality, families, process, roles, watches } from './product-state.ts'

export const productDashboard: Dashboard = {
  uid: 'kube-state-otlp',
  title: 'kube-state-otlp',
  description: 'Freshness, delivery, lists and watches, series and memory of kube-state-otlp, from its self-metrics.',
  tags: ['kubernetes', 'kube-state-otlp'],
  variables: [
    {
      name: 'cluster',
      label: 'Cluster',
      selector: 'kube_state_otlp_objects',
      of: 'cluster',
      multi: true,
      allValue: '.*',
    },
    { name: 'job', label: 'Job', selector: 'kube_state_otlp_objects{cluster=~"$cluster"}', of: 'job', multi: true },
    {
      name: 'instance',
      label: 'Instance',
      selector: 'kube_state_otlp_objects{cluster=~"$cluster",job=~"$job"}',
      of: 'instance',
      multi: true,
    },
    {
      name: 'state_job',
      label: 'Job of object state',
      selector: 'kube_pod_info{cluster=~"$cluster"}',
      of: 'job',
      multi: true,
    },
  ],
  rows: [overview, freshness, push, watches, cardinality, families, process, roles],
}
