/**
 * Owns the layout of a resource: its plan compiled into prepared bytes, so that observing an object only writes
 * values. Family indices in rows are positions in `families`.
 */

import type { AnyFamily, AnyResource } from '../families/family.ts'
import type { KeyFilter, ResourcePlan } from '../selection/plan.ts'
import { maxFamilies } from './block.ts'
import type { PreparedKey } from './label-bytes.ts'
import { encodeLabels, prepareKey } from './label-bytes.ts'
import type { SharedLabelSets } from './shared-label-sets.ts'

/** One state of a state set. */
export interface PreparedState {
  readonly name: string
  /** Its label set's shared number; undefined when the shared sets are full. */
  readonly shared: number | undefined
  /** The list names this state before: a second row of the same series. */
  readonly repeated: boolean
}

export interface FamilyLayout {
  readonly index: number
  readonly family: AnyFamily
  /** Prepared states of a state set. */
  readonly states: readonly PreparedState[]
  /** The keys a copy family takes; undefined: it yields nothing. */
  readonly copies: KeyFilter | undefined
}

export interface ResourceLayout {
  readonly resource: AnyResource
  readonly families: readonly FamilyLayout[]
  readonly identity: readonly { readonly key: PreparedKey; readonly read: (object: unknown) => string }[]
  readonly shared: SharedLabelSets
}

/** Throws a RangeError when the plan has more families than a row can tell apart (2,048). */
export function createLayout(plan: ResourcePlan, shared: SharedLabelSets): ResourceLayout {
  if (plan.families.length > maxFamilies) {
    throw new RangeError(
      `${plan.resource.plural}: ${plan.families.length} families, at most ${maxFamilies} are possible`,
    )
  }
  return {
    resource: plan.resource,
    shared,
    identity: Object.entries(plan.resource.identity).map(([name, read]) => ({
      key: prepareKey(name),
      read: read as (object: unknown) => string,
    })),
    families: plan.families.map((family, index) => ({
      index,
      family,
      states: family.kind === 'stateSet' ? prepareStates(family.label, family.states, shared) : [],
      copies: family.kind === 'copy' ? keysToCopy(family.selection, plan) : undefined,
    })),
  }
}

function prepareStates(label: string, states: readonly string[], shared: SharedLabelSets): PreparedState[] {
  return states.map((name, i) => ({
    name,
    shared: shared.intern(encodeLabels([[label, name]])),
    repeated: states.indexOf(name) < i,
  }))
}

function keysToCopy(selection: 'labels' | 'annotations' | 'all', plan: ResourcePlan): KeyFilter | undefined {
  if (selection === 'all') return () => true
  return selection === 'labels' ? plan.labelKeys : plan.annotationKeys
}
