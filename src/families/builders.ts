/** The builders that declare families: one per common meaning (a value, a timestamp, a condition), and the raw forms. */

import type { KubernetesObject } from '../schemas/object-meta.ts'
import { conditions } from './condition-families.ts'
import type { Family } from './family.ts'
import type { InfoOfEach, Raw } from './family-forms.ts'
import { copied, fixed, freeGauge, info, infoOfEach, stateSet, timestamp, value } from './family-forms.ts'
import {
  annotations,
  created,
  deletionTimestamp,
  generation,
  labels,
  owner,
  resourceVersion,
} from './metadata-families.ts'

/** The builders for families of one kind. They do not use `this`, so they can be destructured. */
export function familiesOf<T extends KubernetesObject>() {
  return {
    /** The raw form: a gauge with any number of observations per object. */
    observableGauge: <const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> =>
      fixed(declared, 'gauge'),
    /** A cumulative, monotonic counter; its start time is the object's creation. */
    observableCounter: <const L extends readonly string[] = []>(declared: Raw<T, L>): Family<T> =>
      fixed(declared, 'counter'),
    freeGauge: freeGauge<T>,
    value: value<T>,
    timestamp: timestamp<T>,
    created: created<T>,
    deletionTimestamp: deletionTimestamp<T>,
    generation: generation<T>,
    stateSet: stateSet<T>,
    info: info<T>,
    /** Value 1, with data as labels: one row per item of a list in the object. */
    infoOfEach: <I>(declared: InfoOfEach<T, I>): Family<T> => infoOfEach(declared),
    conditions: conditions<T>,
    owner: owner<T>,
    copied: copied<T>,
    labels: labels<T>,
    annotations: annotations<T>,
    resourceVersion: resourceVersion<T>,
  }
}
