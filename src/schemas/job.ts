import { ObjectMeta } from './object-meta.ts'
import type { ObjectOf } from './schema.ts'
import { int, list, message, pointer, schema, string, time } from './schema.ts'

const JobSpec = schema({
  parallelism: pointer(int(1)),
  completions: pointer(int(2)),
  activeDeadlineSeconds: pointer(int(3)),
})

const JobStatus = schema({
  conditions: list(message(1, schema({ type: string(1), status: string(2), reason: string(5) }))),
  startTime: pointer(time(2)),
  completionTime: pointer(time(3)),
  active: int(4),
  succeeded: int(5),
  failed: int(6),
  ready: pointer(int(9)),
})

export const Job = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, JobSpec),
  status: message(3, JobStatus),
})
export type Job = ObjectOf<typeof Job>
