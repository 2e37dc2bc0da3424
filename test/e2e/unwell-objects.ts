/** Objects that are not as they should be, for published alerts on object state and for tables of what is unhealthy. */

import type { KubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'

export const unwell = 'unwell'

const core = `/api/v1/namespaces/${unwell}`
const apps = `/apis/apps/v1/namespaces/${unwell}`
const batch = `/apis/batch/v1/namespaces/${unwell}`
const labels = { app: unwell }
/** No node has it, so the pods stay pending. */
const nowhere = { nodeSelector: { 'example.com/none': 'true' } }
const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '20m', memory: '32Mi' } }
const container = { name: 'main', image: 'registry.example/main:1', resources }
const pending = { metadata: { labels }, spec: { ...nowhere, containers: [container] } }
const quota = { 'requests.cpu': '10', 'requests.memory': '10Gi', 'limits.cpu': '10', 'limits.memory': '10Gi' }
const selected = { replicas: 1, selector: { matchLabels: labels }, template: pending }

/** Creates them and waits until the API server has their states. */
export async function createUnwellObjects(client: KubeClient): Promise<void> {
  await client.create('/api/v1/namespaces', { metadata: { name: unwell } })
  await client.create(`${core}/resourcequotas`, {
    metadata: { name: unwell },
    spec: { hard: { ...quota, services: '1' } },
  })
  await client.create(`${core}/services`, { metadata: { name: unwell }, spec: { ports: [{ port: 80 }] } })
  await client.create(`${apps}/deployments`, { metadata: { name: unwell }, spec: selected })
  await client.create(`${apps}/statefulsets`, {
    metadata: { name: unwell },
    spec: { ...selected, serviceName: unwell },
  })
  await createJobs(client)
  await createAutoscaler(client)
  await createStorage(client)
  await createCrashingPod(client)
  await createStuckDaemonSet(client)
  await waitForQuota(client)
}

async function createJobs(client: KubeClient): Promise<void> {
  const template = { spec: { ...pending.spec, restartPolicy: 'Never' } }
  const failing = { metadata: { name: unwell }, spec: { activeDeadlineSeconds: 1, template } }
  await client.create(`${batch}/jobs`, failing)
  const spec = { schedule: '0 0 * * *', suspend: true, jobTemplate: { spec: { template } } }
  await client.create(`${batch}/cronjobs`, { metadata: { name: unwell }, spec })
}

async function createAutoscaler(client: KubeClient): Promise<void> {
  const path = `/apis/autoscaling/v2/namespaces/${unwell}/horizontalpodautoscalers`
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' }
  await client.create(path, { metadata: { name: unwell }, spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef } })
  await client.patch(`${path}/${unwell}/status`, { status: { currentReplicas: 2, desiredReplicas: 2 } })
}

/** A volume that was released and cannot be deleted, since nothing deletes such volumes; and a claim that none fits. */
async function createStorage(client: KubeClient): Promise<void> {
  const access = { accessModes: ['ReadWriteOnce'], storageClassName: unwell }
  const claimRef = { namespace: unwell, name: 'gone', uid: 'gone' }
  const nfs = { server: 'nfs.example', path: '/' }
  await client.create('/api/v1/persistentvolumes', {
    metadata: { name: unwell },
    spec: { ...access, capacity: { storage: '1Gi' }, nfs, claimRef, persistentVolumeReclaimPolicy: 'Delete' },
  })
  await client.create(`${core}/persistentvolumeclaims`, {
    metadata: { name: unwell },
    spec: { ...access, resources: { requests: { storage: '2Gi' } } },
  })
}

/** A pod without a node, whose status no kubelet writes. */
async function createCrashingPod(client: KubeClient): Promise<void> {
  await client.create(`${core}/pods`, { metadata: { name: 'crashing', labels: {} }, spec: pending.spec })
  await reportRestarts(client, 5)
}

/** Sets the number of restarts that the crashing pod reports. */
export async function reportRestarts(client: KubeClient, restartCount: number): Promise<void> {
  const containerStatus = {
    name: container.name,
    image: container.image,
    imageID: '',
    ready: false,
    restartCount,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  }
  await client.patch(`${core}/pods/crashing/status`, { status: { containerStatuses: [containerStatus] } })
}

/** Its pods are ready but not available for an hour, and not replaced by those of its new template. */
async function createStuckDaemonSet(client: KubeClient): Promise<void> {
  const of = { app: 'stuck' }
  const template = { metadata: { labels: of }, spec: { containers: [container] } }
  const spec = { selector: { matchLabels: of }, template, updateStrategy: { type: 'OnDelete' }, minReadySeconds: 3600 }
  const path = `${apps}/daemonsets`
  await client.create(path, { metadata: { name: unwell }, spec })
  await waitFor('pods of the DaemonSet', async () => {
    const { body } = await client.get(`${path}/${unwell}`)
    const { numberReady = 0 } = (body as { status: { numberReady?: number } }).status
    return numberReady > 0 ? true : undefined
  })
  const annotations = { version: '2' }
  await client.patch(`${path}/${unwell}`, { spec: { template: { metadata: { labels: of, annotations } } } })
}

async function waitForQuota(client: KubeClient): Promise<void> {
  await waitFor('a quota that is used up', async () => {
    const { body } = await client.get(`${core}/resourcequotas/${unwell}`)
    const { used } = (body as { status?: { used?: Record<string, string> } }).status ?? {}
    return used?.services === '1' ? true : undefined
  })
}
