/** ServiceAccounts, roles, their bindings and CertificateSigningRequests. */

import type { ClusterState } from './cluster-state.ts'
import { create, timestampNow } from './cluster-state.ts'

const rbac = 'rbac.authorization.k8s.io'
const readers = [{ apiGroups: [''], resources: ['pods', 'services', 'configmaps'], verbs: ['get', 'list', 'watch'] }]

/** The default ServiceAccount, a role and its binding for a namespace. */
export function createNamespaceAccess(cluster: ClusterState, namespace: string): void {
  createServiceAccount(cluster, namespace, 'default')
  create(cluster, 'roles', { metadata: { name: 'reader', namespace }, rules: readers })
  create(cluster, 'rolebindings', {
    metadata: { name: 'readers', namespace },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'reader' },
  })
}

export function createServiceAccount(cluster: ClusterState, namespace: string, name: string): void {
  create(cluster, 'serviceaccounts', {
    metadata: { name, namespace },
    secrets: [{ name: `${name}-token` }],
    imagePullSecrets: [{ name: 'registry' }],
    automountServiceAccountToken: name === 'default',
  })
}

/** ClusterRoles with their bindings, and one CertificateSigningRequest per node, all but the last approved. */
export function createClusterAccess(cluster: ClusterState): void {
  for (const name of ['cluster-admin', 'admin', 'edit', 'view', 'system:node', 'system:kube-scheduler']) {
    create(cluster, 'clusterroles', {
      metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
      rules: readers,
    })
    create(cluster, 'clusterrolebindings', {
      metadata: { name },
      subjects: [{ kind: 'Group', apiGroup: rbac, name: `group:${name}` }],
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    })
  }
  for (const node of cluster.nodes) createSigningRequest(cluster, node, node !== cluster.nodes.at(-1))
}

function createSigningRequest(cluster: ClusterState, node: string, isApproved: boolean): void {
  const approved = {
    conditions: [
      {
        type: 'Approved',
        status: 'True',
        reason: 'AutoApproved',
        lastUpdateTime: timestampNow(cluster),
        lastTransitionTime: timestampNow(cluster),
      },
    ],
    certificate: Buffer.from(`certificate of ${node}`).toString('base64'),
  }
  create(cluster, 'certificatesigningrequests', {
    metadata: { name: `csr-${cluster.random.suffix(5)}` },
    spec: {
      request: Buffer.from(`request of ${node}`).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      username: `system:node:${node}`,
    },
    status: isApproved ? approved : {},
  })
}
