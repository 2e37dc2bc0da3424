/** Owns jobs and cron jobs: those of the first state and those that are started while the cluster lives. */

import { rfc3339 } from '../api/object-store.ts'
import { newVersion } from './names.ts'
import { createTemplate } from './pod-template.ts'
import { podsOf, removePod, setPodState } from './pods.ts'
import { createWorkload, follow } from './workloads.ts'
import type { Workload, World } from './world.ts'
import { change, create, existing, ownerReference, present } from './world.ts'

const templateOf = (world: World, namespace: string, app: string) => {
  const options = { app, namespace, version: newVersion(world.random), component: 'job' }
  return createTemplate(world.random, { ...options, restartPolicy: 'Never' })
}

/** A job that is done; how many pods it has. */
export function createFinishedJob(
  world: World,
  namespace: string,
  name: string,
  pods: number,
  createdMs: number,
): number {
  const template = templateOf(world, namespace, name)
  const common = { kind: 'Job', namespace, name, template, replicas: pods, hasService: false, createdMs } as const
  createWorkload(world, { ...common, podState: 'succeeded' })
  return pods
}

/** A cron job that has not run yet: it has no pods. */
export function createCronJob(world: World, namespace: string, name: string, createdMs: number): number {
  const { spec, labels } = templateOf(world, namespace, name)
  create(world, 'cronjobs', {
    metadata: { name, namespace, generation: 1, creationTimestamp: rfc3339(createdMs), labels },
    spec: {
      schedule: world.random.pick(['*/5 * * * *', '0 * * * *', '30 2 * * *']),
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

/** A cron job's time has come: a job with one pod, which runs, ends and is cleaned up in later steps. */
export function startCronJob(world: World): boolean {
  const cronJobs = world.objects.list('cronjobs')
  if (cronJobs.length === 0) return false
  const cronJob = world.random.pick(cronJobs)
  const { namespace = '', name: cronJobName } = cronJob.metadata
  const name = `${cronJobName}-${Math.floor(world.nowMs() / 60_000)}-${world.random.suffix(3)}`
  const job = createWorkload(world, {
    kind: 'Job',
    namespace,
    name,
    template: templateOf(world, namespace, cronJobName),
    replicas: 1,
    hasService: false,
    createdMs: world.nowMs(),
    podState: 'waiting',
    ownerReferences: [ownerReference('batch/v1', 'CronJob', cronJob)],
  })
  const active = [{ kind: 'Job', namespace, name, apiVersion: 'batch/v1' }]
  change(world, 'cronjobs', cronJob, {
    status: { ...(cronJob.status as object), active, lastScheduleTime: present(world) },
  })
  world.later(2, () => finish(world, job, cronJobName))
  return true
}

function finish(world: World, job: Workload, cronJobName: string): void {
  for (const pod of podsOf(world, job)) setPodState(world, pod, 'running')
  follow(world, job)
  world.later(2, () => {
    for (const pod of podsOf(world, job)) setPodState(world, pod, 'succeeded')
    follow(world, job)
    const cronJob = existing(world, 'cronjobs', job.namespace, cronJobName)
    const status = { ...(cronJob.status as object), active: [], lastSuccessfulTime: present(world) }
    change(world, 'cronjobs', cronJob, { status })
    world.later(6, () => cleanUp(world, job))
  })
}

function cleanUp(world: World, job: Workload): void {
  for (const name of [...job.pods]) removePod(world, job, name)
  world.objects.delete('jobs', { namespace: job.namespace, name: job.name })
  world.workloads.splice(world.workloads.indexOf(job), 1)
}
