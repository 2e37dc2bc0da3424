import { CronJob } from '../../schemas/cron-job.ts'
import { familiesOf } from '../builders.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'
import { nextScheduleTime } from './cron/next-schedule-time.ts'
import { parseSchedule } from './cron/schedule.ts'

const { annotations, labels, info, created, value, timestamp, resourceVersion } = familiesOf<CronJob>()

/** Computed from the object alone: the first scheduled time after the last run, or after the creation if there was none. */
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
    annotations('kube_cronjob_annotations', 'CronJob'),
    labels('kube_cronjob_labels', 'CronJob'),
    info({
      name: 'kube_cronjob_info',
      help: 'Schedule, concurrency policy and time zone of the CronJob, as labels; always 1.',
      stability: 'stable',
      labels: {
        schedule: ({ spec }) => spec.schedule,
        concurrency_policy: ({ spec }) => spec.concurrencyPolicy,
        timezone: ({ spec }) => spec.timeZone ?? 'local',
      },
    }),
    created('kube_cronjob_created', 'CronJob'),
    value({
      name: 'kube_cronjob_status_active',
      help: 'Number of running jobs of the CronJob.',
      stability: 'stable',
      of: ({ status }) => status.active.length,
    }),
    timestamp({
      name: 'kube_cronjob_status_last_schedule_time',
      help: 'Unix time when the CronJob last started a job.',
      stability: 'stable',
      at: ({ status }) => status.lastScheduleTime,
    }),
    timestamp({
      name: 'kube_cronjob_status_last_successful_time',
      help: 'Unix time when a job of the CronJob last completed successfully.',
      stability: 'stable',
      at: ({ status }) => status.lastSuccessfulTime,
    }),
    value({
      name: 'kube_cronjob_spec_suspend',
      help: '1 if the CronJob is suspended, 0 otherwise.',
      stability: 'stable',
      of: ({ spec }) => Number(spec.suspend ?? false),
    }),
    value({
      name: 'kube_cronjob_spec_starting_deadline_seconds',
      help: 'Maximum delay of a scheduled run in seconds; a run that is later than this is skipped.',
      stability: 'stable',
      of: ({ spec }) => spec.startingDeadlineSeconds,
    }),
    timestamp({
      name: 'kube_cronjob_next_schedule_time',
      help: 'Unix time of the next scheduled run; absent while the CronJob is suspended.',
      stability: 'stable',
      at: nextTimeOf,
    }),
    value({
      name: 'kube_cronjob_schedule_invalid',
      help: '1 while the schedule or the time zone of the CronJob is invalid; absent otherwise.',
      stability: 'alpha',
      of: ({ spec }) => (parseSchedule(spec.schedule, spec.timeZone).valid ? undefined : 1),
    }),
    resourceVersion('kube_cronjob_metadata_resource_version', 'CronJob', 'stable'),
    value({
      name: 'kube_cronjob_spec_successful_job_history_limit',
      help: 'Maximum number of successful jobs that are kept.',
      stability: 'alpha',
      of: ({ spec }) => spec.successfulJobsHistoryLimit,
    }),
    value({
      name: 'kube_cronjob_spec_failed_job_history_limit',
      help: 'Maximum number of failed jobs that are kept.',
      stability: 'alpha',
      of: ({ spec }) => spec.failedJobsHistoryLimit,
    }),
  ],
})
