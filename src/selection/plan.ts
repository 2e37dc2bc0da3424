/** The plan: the enabled families of each resource, the label keys that they copy, and which objects are read. Pure data. */

import type { AnyFamily, AnyResource } from '../families/family.ts'
import type { ResourceScope } from './scope.ts'

/** Whether a key of a labels or annotations map is copied. */
export interface KeyFilter {
  (key: string): boolean
  /** Equal for filters that accept the same keys. */
  readonly fingerprint: string
}

/** One resource with its enabled families. */
export interface ResourcePlan {
  readonly resource: AnyResource
  /** The enabled families in the order of the resource; the callbacks of other families never run. */
  readonly families: readonly AnyFamily[]
  /** The keys for `copy` families; undefined if no allowlist names the resource, which then has no such samples. */
  readonly labelKeys: KeyFilter | undefined
  readonly annotationKeys: KeyFilter | undefined
  /** The objects that are read; all of them if undefined. */
  readonly scope?: ResourceScope
}

/** All selected resources, in the order of the output. */
export type Plan = readonly ResourcePlan[]
