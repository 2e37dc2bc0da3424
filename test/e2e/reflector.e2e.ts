/** Reflectors on the real API server: every kind in every form, by list and by streaming list; changes; missing rights. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiClient } from '../../src/kubernetes/api-client.ts'
import { createApiClient } from '../../src/kubernetes/api-client.ts'
import { locateCluster } from '../../src/kubernetes/auth/locate-cluster.ts'
import { createOutage } from '../../src/kubernetes/outage.ts'
import { createPermits } from '../../src/kubernetes/permits.ts'
import type { Reflector } from '../../src/kubernetes/reflector/reflector.ts'
import { createReflector } from '../../src/kubernetes/reflector/reflector.ts'
import type { ReflectorOptions } from '../../src/kubernetes/reflector/target.ts'
import { createWireForm } from '../../src/kubernetes/reflector/wire-form.ts'
import { createConnection } from '../../src/kubernetes/transport/connection.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'
import { createSilentSelfMetrics } from '../../src/telemetry/self-metrics.ts'
import { createSystemClock } from '../../src/time/clock.ts'
import { createTimeSlices } from '../../src/time/time-slices.ts'
import { createKubeClient } from './kube-client.ts'

const cluster = inject('cluster')
const timeLimitMs = 120_000
const clock = createSystemClock((failure) => {
  throw failure
})

interface Mirror {
  readonly resource: AnyResource
  readonly reflector: Reflector
  /** Names by UID, as reported to the handlers. */
  readonly names: Map<string, string>
}

/** Mirrors of resources, and the lines that were logged; stopped when the test ends. */
async function mirror(kubeconfig: string, chosen: readonly AnyResource[], options: Partial<ReflectorOptions> = {}) {
  const client = await connect(kubeconfig)
  const lines: string[] = []
  const log = createLog({ level: 'info', format: 'text', destination: { write: (line) => void lines.push(line) } })
  const context = {
    client,
    clock,
    slices: createTimeSlices(),
    traits: { withoutWatchList: new Set<string>(), streamedLists: 'unknown' as const },
    lists: createPermits(16),
    outage: createOutage({ client, clock, random: Math.random }),
    metrics: createSilentSelfMetrics(),
    gate: createLogGate(log, 60_000),
    random: Math.random,
  }
  const stop = new AbortController()
  const mirrors = chosen.map((resource): Mirror => {
    const names = new Map<string, string>()
    let missing = new Set<string>()
    const handlers = {
      listBegan() {
        missing = new Set(names.keys())
      },
      upserted({ metadata }: KubernetesObject) {
        missing.delete(metadata.uid)
        names.set(metadata.uid, `${metadata.namespace}/${metadata.name}`)
      },
      deleted: ({ metadata }: KubernetesObject) => void names.delete(metadata.uid),
      listEnded() {
        for (const uid of missing) names.delete(uid)
      },
    }
    const allOptions = {
      protobuf: true,
      watchList: true,
      pageLimit: 20,
      gzip: false,
      silentTimeoutMs: 180_000,
      ...options,
    }
    const reflector = createReflector<KubernetesObject>({
      context,
      target: resource,
      scope: {},
      options: allOptions,
      form: createWireForm<KubernetesObject>(resource, allOptions),
      handlers,
    })
    void reflector.run(stop.signal)
    return { resource, reflector, names }
  })
  onTestFinished(() => {
    stop.abort()
    client.close()
  })
  return { mirrors, lines, client }
}

async function connect(kubeconfig: string): Promise<ApiClient> {
  const access = await locateCluster({ kubeconfig })
  return createApiClient(createConnection({ access, clock }), 'end-to-end')
}

async function namesAt(client: ApiClient, { apiVersion, plural }: AnyResource): Promise<Map<string, string>> {
  const root = apiVersion.includes('/') ? '/apis' : '/api'
  const list = await client.sendJson({
    path: `${root}/${apiVersion}/${plural}`,
    deadlineMs: 30_000,
    signal: new AbortController().signal,
  })
  const { items } = list as { items: { metadata: { uid: string; namespace?: string; name: string } }[] }
  return new Map(items.map(({ metadata }) => [metadata.uid, `${metadata.namespace ?? ''}/${metadata.name}`]))
}

/** Fails by the test's own time limit. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(100)
}

describe('all resources', () => {
  test.each([
    ['protobuf, streamed', { protobuf: true, watchList: true }],
    ['JSON, streamed', { protobuf: false, watchList: true }],
    ['protobuf, in pages', { protobuf: true, watchList: false }],
    ['JSON, in pages, compressed', { protobuf: false, watchList: false, gzip: true }],
  ])(
    'are mirrored (%s)',
    async (_, options) => {
      const { mirrors, lines, client } = await mirror(cluster.kubeconfig, resources, options)
      for (const { resource, names } of mirrors) {
        await until(async () => {
          const expected = await namesAt(client, resource)
          return expected.size === names.size && [...expected].every(([uid, name]) => names.get(uid) === name)
        })
      }
      expect(mirrors.map(({ reflector }) => reflector.status())).toEqual(mirrors.map(() => 'synced'))
      expect(lines).toEqual([])
    },
    timeLimitMs,
  )
})

test(
  'a secret comes, changes and goes, and nothing of its data is ever held',
  async () => {
    const secrets = resources.filter(({ plural }) => plural === 'secrets')
    const { mirrors } = await mirror(cluster.kubeconfig, secrets)
    const names = () => [...(mirrors[0]?.names.values() ?? [])]
    const kube = createKubeClient(cluster)
    onTestFinished(() => kube.close())
    const path = '/api/v1/namespaces/default/secrets'
    await kube.create(path, { metadata: { name: 'reflected' }, stringData: { password: 'a' } })
    await until(() => names().includes('default/reflected'))
    await kube.delete(`${path}/reflected`)
    await until(() => !names().includes('default/reflected'))
  },
  timeLimitMs,
)

test(
  'a missing right is logged as the rule that would grant it, and everything else is mirrored',
  async () => {
    const kube = createKubeClient(cluster)
    onTestFinished(() => kube.close())
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const rules = [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] }]
    await kube.create(`${rbac}/clusterroles`, { metadata: { name: 'namespaces-only' }, rules })
    await kube.create(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'namespaces-only' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'namespaces-only' },
      subjects: [{ kind: 'User', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' }],
    })
    const kubeconfig = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'))
    kubeconfig.users[0].user.as = 'limited'
    const limited = join(cluster.state, 'limited-kubeconfig')
    writeFileSync(limited, JSON.stringify(kubeconfig))

    const chosen = resources.filter(({ plural }) => ['namespaces', 'deployments'].includes(plural))
    const { mirrors, lines } = await mirror(limited, chosen)
    const statusOf = (plural: string) => mirrors.find(({ resource }) => resource.plural === plural)?.reflector.status()
    await until(() => statusOf('namespaces') === 'synced' && statusOf('deployments') === 'forbidden')
    // Like warnings are collected for a moment, so that they become one line.
    await until(() => lines.length > 0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"] }')
  },
  timeLimitMs,
)
