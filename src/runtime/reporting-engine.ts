/** The engine whose faults are counted and logged: a family that throws, a series twice in one object, a failed step. */

import type { LimitStatus, SeriesLimits } from '../store/limit-scope.ts'
import { describeLimit } from '../store/limit-scope.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import { deferToEventLoop } from '../time/deferred-steps.ts'
import type { Engine } from './engine.ts'
import { createEngine } from './engine.ts'

export interface ReportingEngineOptions {
  readonly log: Log
  readonly metrics: SelfMetrics
  /** The monotonic clock of the store. */
  readonly now: () => number
  /** See the store. */
  readonly revisionOf?: (resource: number) => number
  /** See the engine. */
  readonly isHeld?: (uid: string) => boolean
  /** None by default. */
  readonly limits?: SeriesLimits
}

const repeatAfterMs = 60_000

/** Creates the engine; no plan is applied yet. */
export function createReportingEngine({
  log,
  metrics,
  now,
  revisionOf = () => 0,
  isHeld = () => false,
  limits,
}: ReportingEngineOptions): Engine {
  const gate = createLogGate(log, repeatAfterMs)
  return createEngine({
    now,
    revisionOf,
    isHeld,
    limits,
    onLimit(status, isReached) {
      const { kind, name, max } = status
      const key = `limit/${kind} ${name}`
      if (isReached) gate.warn(key, { ...limitFields(status), limit: max }, limitReached)
      else gate.recovered(key, `limit on series of ${describeLimit(status)}: there is room for all again`)
    },
    onFamilyError(family, resource, { metadata }, error) {
      metrics.familyError(resource.plural, family.name)
      const { namespace, name } = metadata
      gate.warn(
        `family/${family.name}`,
        { family: family.name, namespace, name, err: error },
        'a metric family failed on an object, which has no series of this family',
      )
    },
    // Thrown in a callback of the event loop, a failure would end the process.
    defer: (step) =>
      deferToEventLoop(() => {
        try {
          step()
        } catch (failure) {
          gate.warn('engine/step', { err: failure }, 'a background step failed; please report it')
        }
      }),
    onDuplicates(resource, _object, count) {
      metrics.duplicateObservations(resource.plural, count)
    },
  })
}

const limitReached = 'limit on series reached: those of the youngest objects are withheld'

function limitFields({ kind, name }: LimitStatus): Record<string, string> {
  return kind === 'all' ? {} : { [kind]: name }
}
