/** Webhook configurations, admission policies and their bindings. */

import type { ClusterState } from './cluster-state.ts'
import { create } from './cluster-state.ts'

const rules = [
  { operations: ['CREATE', 'UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
]

/** One object of each kind. */
export function createAdmission(cluster: ClusterState): void {
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    const service = { namespace: 'kube-system', name: 'policy', path: '/admit', port: 443 }
    const clientConfig = { service, caBundle: Buffer.from('authority').toString('base64') }
    const common = { clientConfig, rules, failurePolicy: 'Fail', sideEffects: 'None', timeoutSeconds: 5 }
    create(cluster, plural, {
      metadata: { name: 'policy', generation: 1 },
      webhooks: [{ name: 'policy.example.org', ...common, admissionReviewVersions: ['v1'] }],
    })
  }
  const paramKind = { apiVersion: 'example.org/v1', kind: 'ReplicaLimit' }
  const matchConstraints = { resourceRules: rules }
  const common = { paramKind, matchConstraints, failurePolicy: 'Fail' }
  create(cluster, 'validatingadmissionpolicies', {
    metadata: { name: 'replica-limit', generation: 1 },
    spec: { ...common, validations: [{ expression: 'object.spec.replicas <= params.maxReplicas' }] },
    status: { observedGeneration: 1 },
  })
  const expression = 'Object{metadata: Object.metadata{labels: {"owner": "platform"}}}'
  const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }]
  create(cluster, 'mutatingadmissionpolicies', {
    metadata: { name: 'default-labels', generation: 1 },
    spec: { ...common, reinvocationPolicy: 'IfNeeded', mutations },
  })
  const paramRef = { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' }
  create(cluster, 'validatingadmissionpolicybindings', {
    metadata: { name: 'replica-limit', generation: 1 },
    spec: { policyName: 'replica-limit', paramRef, validationActions: ['Deny', 'Audit'] },
  })
  create(cluster, 'mutatingadmissionpolicybindings', {
    metadata: { name: 'default-labels', generation: 1 },
    spec: { policyName: 'default-labels', paramRef },
  })
}
