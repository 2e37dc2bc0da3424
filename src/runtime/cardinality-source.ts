/** What the series of the running program cost, for those who ask on the telemetry port. */

import { resourceName } from '../families/resource-name.ts'
import type { Store } from '../store/store.ts'
import type { Cardinality } from '../survey/cardinality.ts'
import { surveyCardinality } from '../survey/cardinality.ts'

/** 1 to 3 ms. */
const rowsPerStep = 2000

/** Requests at the same time share one survey, which reads the store in steps of the event loop. */
export function createCardinalitySource(store: Store): () => Promise<Cardinality> {
  let running: Promise<Cardinality> | undefined
  return () => {
    running ??= survey(store).finally(() => {
      running = undefined
    })
    return running
  }
}

async function survey(store: Store): Promise<Cardinality> {
  const nameOf = (resource: number) => resourceName(store.registry.resource(resource))
  const steps = surveyCardinality(store, { nameOf, perStep: rowsPerStep })
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}
