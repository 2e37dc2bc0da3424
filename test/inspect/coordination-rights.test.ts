/** The Leases and the StatefulSet that a configuration needs rights on. */
import { expect, test } from 'vitest'
import { coordinationRights } from '../../src/inspect/coordination-rights.ts'
import { createRbac } from '../../src/inspect/rbac.ts'
import { accepted } from '../config/inputs.ts'

const rightsFor = (...argv: string[]) => coordinationRights(accepted({ argv }).config, 'account')

test.each<[string, string[], ReturnType<typeof coordinationRights>]>([
  ['nothing', [], { leases: undefined, statefulSet: undefined }],
  [
    'one Lease',
    ['--leader-election'],
    { leases: { namespace: 'account', names: ['kube-state-otlp'] }, statefulSet: undefined },
  ],
  [
    'the Leases of all configured shards',
    ['--leader-election', '--shard=1', '--total-shards=2', '--leader-election-lease-name=x'],
    { leases: { namespace: 'account', names: ['x-shard-0', 'x-shard-1'] }, statefulSet: undefined },
  ],
  [
    'the StatefulSet, and all Leases since its replicas may become more',
    ['--leader-election', '--pod=ksm-1', '--pod-namespace=own'],
    { leases: { namespace: 'account', names: undefined }, statefulSet: { namespace: 'own', name: 'ksm' } },
  ],
])('%s', (_what, argv, expected) => {
  expect(rightsFor(...argv)).toEqual(expected)
})

test('the StatefulSet is the only one that may be read', () => {
  const { config } = accepted({ argv: ['--resources=pods', '--pod=ksm-1', '--pod-namespace=own'] })
  const account = { name: 'a', namespace: 'account' }
  const rights = coordinationRights(config, account.namespace)
  const roles = createRbac({ selection: config.selection, name: 'x', account, readsClusterId: false, ...rights })
  expect(roles.find(({ kind }) => kind === 'Role')).toMatchObject({
    metadata: { name: 'x-shards', namespace: 'own' },
    rules: [{ apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: ['ksm'], verbs: ['list', 'watch'] }],
  })
})
