/** Jobs and CronJobs, and the jobs that CronJobs start. */

import { rfc3339 } from '../api/object-store.ts'
import type { ClusterState, Workload } from './cluster-state.ts'
import { change, create, existing, ownerReference, timestampNow } from './cluster-state.ts'
import { newVersion } from './names.ts'
import { podsOf, removePod, setPodState } from './pod-objects.ts'
import { createTemplate } from './pod-template.ts'
import { createWorkload, updateStatus } from './workload-objects.ts'

const templateOf = (cluster: ClusterState, namespace: string, app: string) => {
  const options = { app, namespace, version: newVersion(cluster.random), component: 'job' }
  return createTemplate(cluster.random, { ...options, restartPolicy: 'Never' })
}

/** Creates a completed job. Returns the number of its pods. */
export function createFinishedJob(
  cluster: ClusterState,
  namespace: string,
  name: string,
  pods: number,
  createdMs: number,
): number {
  const template = templateOf(cluster, namespace, name)
  const common = { kind: 'Job', namespace, name, template, replicas: pods, hasService: false, createdMs } as const
  createWorkload(cluster, { ...common, podState: 'succeeded' })
  return pods
}

/** Creates a CronJob that has not run yet. Returns the number of its pods, which is 0. */
export function createCronJob(cluster: ClusterState, namespace: string, name: string, createdMs: number): number {
  const { spec, labels } = templateOf(cluster, namespace, name)
  create(cluster, 'cronjobs', {
    metadata: { name, namespace, generation: 1, creationTimestamp: rfc3339(createdMs), labels },
    spec: {
      schedule: cluster.random.pick(['*/5 * * * *', '0 * * * *', '30 2 * * *']),
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: { metadata: { labels }, spec } } },
    },
    status: {},
  })
  return 0
}

/** Starts a job of a CronJob, with one pod that runs, completes and is removed in later steps. */
export function startCronJob(cluster: ClusterState): boolean {
  const cronJobs = cluster.objects.list('cronjobs')
  if (cronJobs.length === 0) return false
  const cronJob = cluster.random.pick(cronJobs)
  const { namespace = '', name: cronJobName } = cronJob.metadata
  const name = `${cronJobName}-${Math.floor(cluster.nowMs() / 60_000)}-${cluster.random.suffix(3)}`
  const job = createWorkload(cluster, {
    kind: 'Job',
    namespace,
    name,
    template: templateOf(cluster, namespace, cronJobName),
    replicas: 1,
    hasService: false,
    createdMs: cluster.nowMs(),
    podState: 'waiting',
    ownerReferences: [ownerReference('batch/v1', 'CronJob', cronJob)],
  })
  const active = [{ kind: 'Job', namespace, name, apiVersion: 'batch/v1' }]
  change(cluster, 'cronjobs', cronJob, {
    status: { ...(cronJob.status as object), active, lastScheduleTime: timestampNow(cluster) },
  })
  cluster.later(2, () => finish(cluster, job, cronJobName))
  return true
}

function finish(cluster: ClusterState, job: Workload, cronJobName: string): void {
  for (const pod of podsOf(cluster, job)) setPodState(cluster, pod, 'running')
  updateStatus(cluster, job)
  cluster.later(2, () => {
    for (const pod of podsOf(cluster, job)) setPodState(cluster, pod, 'succeeded')
    updateStatus(cluster, job)
    const cronJob = existing(cluster, 'cronjobs', job.namespace, cronJobName)
    const status = { ...(cronJob.status as object), active: [], lastSuccessfulTime: timestampNow(cluster) }
    change(cluster, 'cronjobs', cronJob, { status })
    cluster.later(6, () => cleanUp(cluster, job))
  })
}

function cleanUp(cluster: ClusterState, job: Workload): void {
  for (const name of [...job.pods]) removePod(cluster, job, name)
  cluster.objects.delete('jobs', { namespace: job.namespace, name: job.name })
  cluster.workloads.splice(cluster.workloads.indexOf(job), 1)
}
