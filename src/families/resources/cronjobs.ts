/** Owns the families of cron jobs. */

import { CronJob } from '../../schemas/cron-job.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { nextScheduleTime } from './cron/next-schedule-time.ts'
import { parseSchedule } from './cron/schedule.ts'

const { annotations, labels, info, created, value, timestamp, resourceVersion } = familiesOf<CronJob>()

/** From the object alone: the first time after the last run, or after the creation while there was none. */
function nextTimeOf({ metadata, spec, status }: CronJob): number | undefined {
  const after = status.lastScheduleTime ?? metadata.creationTimestamp
  if (spec.suspend === true || after === undefined) return undefined
  const answer = nextScheduleTime({ schedule: spec.schedule, timeZone: spec.timeZone, after })
  return answer.valid ? answer.next : undefined
}

export const cronjobs = resource<CronJob>({
  plural: 'cronjobs',
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  namespaced: true,
  enabledByDefault: true,
  schema: CronJob,
  identity: { namespace: namespaceOf, cronjob: nameOf },
  families: [
    annotations('kube_cronjob_annotations', 'cron job'),
    labels('kube_cronjob_labels', 'cron job'),
    info({
      name: 'kube_cronjob_info',
      help: 'The cron job and when it is to run.',
      stability: 'stable',
      labels: {
        schedule: ({ spec }) => spec.schedule,
        concurrency_policy: ({ spec }) => spec.concurrencyPolicy,
        timezone: ({ spec }) => spec.timeZone ?? 'local',
      },
    }),
    created('kube_cronjob_created', 'cron job'),
    value({
      name: 'kube_cronjob_status_active',
      help: 'Jobs of the cron job that are running.',
      stability: 'stable',
      of: ({ status }) => status.active.length,
    }),
    timestamp({
      name: 'kube_cronjob_status_last_schedule_time',
      help: 'Unix time at which the cron job last started a job.',
      stability: 'stable',
      at: ({ status }) => status.lastScheduleTime,
    }),
    timestamp({
      name: 'kube_cronjob_status_last_successful_time',
      help: 'Unix time at which a job of the cron job last succeeded.',
      stability: 'stable',
      at: ({ status }) => status.lastSuccessfulTime,
    }),
    value({
      name: 'kube_cronjob_spec_suspend',
      help: 'Whether the cron job is suspended.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.suspend ?? false),
    }),
    value({
      name: 'kube_cronjob_spec_starting_deadline_seconds',
      help: 'Seconds by which a job may be late before it is left out.',
      stability: 'stable',
      of: ({ spec }) => spec.startingDeadlineSeconds,
    }),
    timestamp({
      name: 'kube_cronjob_next_schedule_time',
      help: 'Unix time at which the cron job is due next, unless it is suspended.',
      stability: 'stable',
      at: nextTimeOf,
    }),
    value({
      name: 'kube_cronjob_schedule_invalid',
      help: 'There, and 1, while the schedule or time zone of the cron job cannot be read.',
      stability: 'alpha',
      of: ({ spec }) => (parseSchedule(spec.schedule, spec.timeZone).valid ? undefined : 1),
    }),
    resourceVersion('kube_cronjob_metadata_resource_version', 'cron job', 'stable'),
    value({
      name: 'kube_cronjob_spec_successful_job_history_limit',
      help: 'Succeeded jobs that are kept.',
      stability: 'alpha',
      of: ({ spec }) => spec.successfulJobsHistoryLimit,
    }),
    value({
      name: 'kube_cronjob_spec_failed_job_history_limit',
      help: 'Failed jobs that are kept.',
      stability: 'alpha',
      of: ({ spec }) => spec.failedJobsHistoryLimit,
    }),
  ],
})
