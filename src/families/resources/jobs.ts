import { Job } from '../../schemas/job.ts'
import { familiesOf } from '../builders.ts'
import { eachConditionStatus } from '../condition-families.ts'
import type { Family } from '../family.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const families = familiesOf<Job>()
const { annotations, labels, info, created, value, timestamp, observableGauge, freeGauge, owner } = families

/** Three rows for each condition of one type. */
function conditionOfType(name: string, type: string, help: string): Family<Job> {
  return observableGauge({
    name,
    help,
    stability: 'stable',
    labels: ['condition'],
    callback({ status }, observe) {
      for (const condition of status.conditions) {
        if (condition.type === type) eachConditionStatus(condition.status, observe)
      }
    },
  })
}

const reasonLabel = ['reason'] as const
const knownFailures = ['BackoffLimitExceeded', 'DeadlineExceeded', 'Evicted']

/** Without failed pods: 0 without label. With a known reason: 1 for it, 0 for the others. Otherwise the number of failed pods. */
const failedPods = freeGauge({
  name: 'kube_job_status_failed',
  help: 'Number of failed pods of the job; if the job failed for a standard reason, 1 for this reason and 0 for the others.',
  stability: 'stable',
  labelSets: [reasonLabel, []],
  callback({ status }, observe) {
    if (status.failed === 0) return observe(0, [], [])
    let hasKnownReason = false
    for (const { type, reason } of status.conditions) {
      if (type !== 'Failed') continue
      hasKnownReason ||= knownFailures.includes(reason)
      for (const known of knownFailures) observe(known === reason ? 1 : 0, reasonLabel, [known])
    }
    if (!hasKnownReason) observe(status.failed, reasonLabel, [''])
  },
})

export const jobs = resource<Job>({
  plural: 'jobs',
  apiVersion: 'batch/v1',
  kind: 'Job',
  namespaced: true,
  enabledByDefault: true,
  schema: Job,
  identity: { namespace: namespaceOf, job_name: nameOf },
  families: [
    annotations('kube_job_annotations', 'job'),
    labels('kube_job_labels', 'job'),
    info({ name: 'kube_job_info', help: '1 for each job.', stability: 'stable', labels: {} }),
    created('kube_job_created', 'job'),
    value({
      name: 'kube_job_spec_parallelism',
      help: 'Maximum number of pods of the job that run in parallel.',
      stability: 'stable',
      of: ({ spec }) => spec.parallelism,
    }),
    value({
      name: 'kube_job_spec_completions',
      help: 'Number of pods that must succeed for the job to complete.',
      stability: 'stable',
      of: ({ spec }) => spec.completions,
    }),
    value({
      name: 'kube_job_spec_active_deadline_seconds',
      help: 'Maximum duration of the job in seconds, after which it is terminated.',
      stability: 'stable',
      of: ({ spec }) => spec.activeDeadlineSeconds,
    }),
    value({
      name: 'kube_job_status_succeeded',
      help: 'Number of succeeded pods of the job.',
      stability: 'stable',
      of: ({ status }) => status.succeeded,
    }),
    failedPods,
    value({
      name: 'kube_job_status_active',
      help: 'Number of pending and running pods of the job.',
      stability: 'stable',
      of: ({ status }) => status.active,
    }),
    value({
      name: 'kube_job_status_ready',
      help: 'Number of ready pods of the job.',
      stability: 'alpha',
      of: ({ status }) => status.ready ?? 0,
    }),
    conditionOfType(
      'kube_job_complete',
      'Complete',
      'Complete condition of the job: 1 for the current status, 0 for the others; absent until the condition is set.',
    ),
    conditionOfType(
      'kube_job_failed',
      'Failed',
      'Failed condition of the job: 1 for the current status, 0 for the others; absent until the condition is set.',
    ),
    timestamp({
      name: 'kube_job_status_start_time',
      help: 'Unix time when the job was started.',
      stability: 'stable',
      at: ({ status }) => status.startTime,
    }),
    timestamp({
      name: 'kube_job_status_completion_time',
      help: 'Unix time when the job completed.',
      stability: 'stable',
      at: ({ status }) => status.completionTime,
    }),
    observableGauge({
      name: 'kube_job_status_suspended',
      help: '1 if the job is suspended, 0 if it has been resumed; absent if it was never suspended.',
      stability: 'alpha',
      callback({ status }, observe) {
        for (const condition of status.conditions) {
          if (condition.type === 'Suspended') observe(condition.status === 'True' ? 1 : 0)
        }
      },
    }),
    owner({
      name: 'kube_job_owner',
      help: 'Owners of the job, one series per owner (empty labels without an owner); always 1.',
      stability: 'stable',
    }),
  ],
})
