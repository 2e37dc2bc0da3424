/** Owns the families of jobs. */

import { Job } from '../../schemas/job.ts'
import { eachConditionStatus, familiesOf } from '../builders.ts'
import type { Family } from '../family.ts'
import { resource } from '../family.ts'
import { nameOf, namespaceOf } from '../identity.ts'

const families = familiesOf<Job>()
const { annotations, labels, info, created, value, timestamp, observableGauge, freeGauge, owner } = families

/** Three rows for each condition of one type. */
function outcome(name: string, type: string, help: string): Family<Job> {
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

/** Failed pods where no known reason explains them, else 1 for the reason of the failure; without label while none. */
const failedPods = freeGauge({
  name: 'kube_job_status_failed',
  help: 'Failed pods of the job; with a known reason, 1 for it and 0 for the others.',
  stability: 'stable',
  labelSets: [reasonLabel, []],
  callback({ status }, observe) {
    if (status.failed === 0) return observe(0, [], [])
    let isExplained = false
    for (const { type, reason } of status.conditions) {
      if (type !== 'Failed') continue
      isExplained ||= knownFailures.includes(reason)
      for (const known of knownFailures) observe(known === reason ? 1 : 0, reasonLabel, [known])
    }
    if (!isExplained) observe(status.failed, reasonLabel, [''])
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
    info({ name: 'kube_job_info', help: 'Says that the job is there.', stability: 'stable', labels: {} }),
    created('kube_job_created', 'job'),
    value({
      name: 'kube_job_spec_parallelism',
      help: 'Pods that the job may run at the same time.',
      stability: 'stable',
      of: ({ spec }) => spec.parallelism,
    }),
    value({
      name: 'kube_job_spec_completions',
      help: 'Pods that must succeed for the job to be complete.',
      stability: 'stable',
      of: ({ spec }) => spec.completions,
    }),
    value({
      name: 'kube_job_spec_active_deadline_seconds',
      help: 'Seconds that the job may be active before it is ended.',
      stability: 'stable',
      of: ({ spec }) => spec.activeDeadlineSeconds,
    }),
    value({
      name: 'kube_job_status_succeeded',
      help: 'Pods of the job that succeeded.',
      stability: 'stable',
      of: ({ status }) => status.succeeded,
    }),
    failedPods,
    value({
      name: 'kube_job_status_active',
      help: 'Pods of the job that wait or run.',
      stability: 'stable',
      of: ({ status }) => status.active,
    }),
    value({
      name: 'kube_job_status_ready',
      help: 'Ready pods of the job.',
      stability: 'alpha',
      of: ({ status }) => status.ready ?? 0,
    }),
    outcome('kube_job_complete', 'Complete', 'Whether the job is complete, once it says so.'),
    outcome('kube_job_failed', 'Failed', 'Whether the job has failed, once it says so.'),
    timestamp({
      name: 'kube_job_status_start_time',
      help: 'Unix time at which the job was started.',
      stability: 'stable',
      at: ({ status }) => status.startTime,
    }),
    timestamp({
      name: 'kube_job_status_completion_time',
      help: 'Unix time at which the job was completed.',
      stability: 'stable',
      at: ({ status }) => status.completionTime,
    }),
    observableGauge({
      name: 'kube_job_status_suspended',
      help: 'Whether the job is suspended, once it says so.',
      stability: 'alpha',
      callback({ status }, observe) {
        for (const condition of status.conditions) {
          if (condition.type === 'Suspended') observe(condition.status === 'True' ? 1 : 0)
        }
      },
    }),
    owner({ name: 'kube_job_owner', help: 'Owners of the job; empty labels when it has none.', stability: 'stable' }),
  ],
})
