/** Owns which components of deploy/kustomize are meant to be used together, in the order that their comments ask for. */

import { render } from './kustomize.ts'

/** By name, the kustomization of a user in `deploy/kustomize/<anything>`. */
export const combinations = {
  'the base': { components: [] },
  'without secrets': { components: ['without-secrets'] },
  'with a sidecar': { components: ['sidecar-collector'] },
  namespaced: { components: ['namespaced'] },
  'namespaced, with a sidecar': { components: ['namespaced', 'sidecar-collector'] },
  sharded: { components: ['sharded'] },
  'per node': { components: ['per-node'] },
  'sharded, without secrets, with sidecars': { components: ['sharded', 'without-secrets', 'sidecar-collector'] },
  'per node, without secrets, with sidecars': { components: ['per-node', 'without-secrets', 'sidecar-collector'] },
} as const

export type Combination = keyof typeof combinations

/** As a user in `namespace` would write it. */
export function kustomizationOf(combination: Combination, namespace: string) {
  return {
    namespace,
    resources: ['../base'],
    components: combinations[combination].components.map((component) => `../components/${component}`),
  }
}

/** The objects of a combination. */
export function renderCombination(combination: Combination, namespace: string) {
  return render(kustomizationOf(combination, namespace), 'deploy/kustomize/combined')
}
