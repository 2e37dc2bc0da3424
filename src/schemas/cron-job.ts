import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { bool, int, list, message, pointer, schema, string, time } from './schema.ts'

const CronJobSpec = schema({
  schedule: string(1),
  startingDeadlineSeconds: pointer(int(2)),
  concurrencyPolicy: string(3),
  suspend: pointer(bool(4)),
  successfulJobsHistoryLimit: pointer(int(6)),
  failedJobsHistoryLimit: pointer(int(7)),
  timeZone: pointer(string(8)),
})

const CronJobStatus = schema({
  active: list(message(1, schema({}))),
  lastScheduleTime: pointer(time(4)),
  lastSuccessfulTime: pointer(time(5)),
})

export const CronJob = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, CronJobSpec),
  status: message(3, CronJobStatus),
})
export type CronJob = ObjectOf<typeof CronJob>
