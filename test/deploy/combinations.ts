/** The combinations of components of deploy/kustomize that are supported, and those that must fail to render. */

import type { Manifest } from './kustomize.ts'
import { render } from './kustomize.ts'

/** The components by the name of the combination, in the order that their comments ask for. */
export const combinations = {
  'the base': [],
  'in a namespace of its own': ['namespace'],
  'without secrets': ['without-secrets'],
  'with a sidecar': ['sidecar-collector'],
  namespaced: ['namespaced'],
  'namespaced, with a sidecar': ['namespaced', 'sidecar-collector'],
  'namespaced and sharded': ['sharded', 'namespaced'],
  sharded: ['sharded'],
  'per node': ['per-node'],
  'sharded, without secrets, with sidecars': ['sharded', 'without-secrets', 'sidecar-collector'],
  'per node, without secrets, with sidecars': ['per-node', 'without-secrets', 'sidecar-collector'],
  'sharded and per node': ['sharded', 'per-node'],
  'with leader election': ['leader-election'],
  'sharded, with leader election': ['sharded', 'leader-election'],
  'with leader election, sharded': ['leader-election', 'sharded'],
  'per node, with leader election': ['per-node', 'leader-election'],
  'namespaced, with leader election': ['namespaced', 'leader-election'],
  'with a ServiceMonitor': ['service-monitor'],
  'with a PodMonitor, per node': ['per-node', 'pod-monitor'],
  'with alerts and dashboards': ['prometheus-rule', 'dashboards'],
  everything: [
    ...['namespace', 'sharded', 'per-node', 'without-secrets', 'sidecar-collector', 'topology-spread'],
    ...['priority-class', 'disruption-budget', 'network-policy', 'service-monitor', 'pod-monitor', 'prometheus-rule'],
    ...['dashboards'],
  ],
} as const satisfies Record<string, readonly string[]>

export type Combination = keyof typeof combinations

/** Pairs that exclude each other, in either order. */
export const excludedPairs = [
  ['namespaced', 'per-node'],
  ['namespaced', 'without-secrets'],
  ['namespaced', 'namespace'],
] as const

/** The kustomization of a user in `deploy/kustomize/<anything>`, with everything in `namespace`. */
export function kustomizationOf(components: readonly string[], namespace: string) {
  return {
    namespace,
    resources: ['../base'],
    components: components.map((component) => `../components/${component}`),
  }
}

/** The objects of the base with these components. Throws where kustomize fails. */
export function renderComponents(components: readonly string[], namespace: string): Manifest[] {
  return render(kustomizationOf(components, namespace), 'deploy/kustomize/combined')
}

/** The objects of a combination. */
export function renderCombination(combination: Combination, namespace: string): Manifest[] {
  return renderComponents(combinations[combination], namespace)
}
