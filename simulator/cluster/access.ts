/** Owns who may do what: service accounts, roles, their bindings, and certificate signing requests. */

import type { World } from './world.ts'
import { create, present } from './world.ts'

const rbac = 'rbac.authorization.k8s.io'
const readers = [{ apiGroups: [''], resources: ['pods', 'services', 'configmaps'], verbs: ['get', 'list', 'watch'] }]

/** What each namespace has: its default account, a role and its binding. */
export function createNamespaceAccess(world: World, namespace: string): void {
  createServiceAccount(world, namespace, 'default')
  create(world, 'roles', { metadata: { name: 'reader', namespace }, rules: readers })
  create(world, 'rolebindings', {
    metadata: { name: 'readers', namespace },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'reader' },
  })
}

export function createServiceAccount(world: World, namespace: string, name: string): void {
  create(world, 'serviceaccounts', {
    metadata: { name, namespace },
    secrets: [{ name: `${name}-token` }],
    imagePullSecrets: [{ name: 'registry' }],
    automountServiceAccountToken: name === 'default',
  })
}

/** Cluster roles with their bindings, and one request for a certificate per node, all but the last approved. */
export function createClusterAccess(world: World): void {
  for (const name of ['cluster-admin', 'admin', 'edit', 'view', 'system:node', 'system:kube-scheduler']) {
    create(world, 'clusterroles', {
      metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
      rules: readers,
    })
    create(world, 'clusterrolebindings', {
      metadata: { name },
      subjects: [{ kind: 'Group', apiGroup: rbac, name: `group:${name}` }],
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    })
  }
  for (const node of world.nodes) createSigningRequest(world, node, node !== world.nodes.at(-1))
}

function createSigningRequest(world: World, node: string, isApproved: boolean): void {
  const approved = {
    conditions: [
      {
        type: 'Approved',
        status: 'True',
        reason: 'AutoApproved',
        lastUpdateTime: present(world),
        lastTransitionTime: present(world),
      },
    ],
    certificate: Buffer.from(`certificate of ${node}`).toString('base64'),
  }
  create(world, 'certificatesigningrequests', {
    metadata: { name: `csr-${world.random.suffix(5)}` },
    spec: {
      request: Buffer.from(`request of ${node}`).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      username: `system:node:${node}`,
    },
    status: isApproved ? approved : {},
  })
}
