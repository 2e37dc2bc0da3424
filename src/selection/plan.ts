/** Owns the plan: what the configuration leaves of the families, and which label keys they copy. Pure data, no objects. */

import type { AnyFamily, AnyResource } from '../families/family.ts'

/** Says which keys of a labels or annotations map are copied. */
export type KeyFilter = (key: string) => boolean

/** One resource as configured. */
export interface ResourcePlan {
  readonly resource: AnyResource
  /** The enabled families in the resource's order; no other family's callback ever runs. */
  readonly families: readonly AnyFamily[]
  /** Keys for `copy` families; undefined where no allowlist names the resource: they print no samples then. */
  readonly labelKeys: KeyFilter | undefined
  readonly annotationKeys: KeyFilter | undefined
}

/** All selected resources, in the order in which they are printed. */
export type Plan = readonly ResourcePlan[]
