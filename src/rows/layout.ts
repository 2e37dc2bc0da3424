/** The layout of a resource: its plan compiled into prepared bytes, so that observing an object only writes values. */

import type { AnyFamily, AnyResource, CommonLabels, KubernetesObject, LabelSet } from '../families/family.ts'
import type { ResourcePlan } from '../selection/plan.ts'
import type { PreparedKey } from './label-bytes.ts'
import { encodeLabels, prepareKey } from './label-bytes.ts'
import { maxFamilies } from './row-format.ts'
import type { SharedLabelSets } from './shared-label-sets.ts'
import { emptyLabelSet } from './shared-label-sets.ts'

/** One state of a state set. */
export interface PreparedState {
  readonly name: string
  /** The number of its shared label set; undefined if the shared sets are full. */
  readonly shared: number | undefined
  /** Whether the list has this state before: a second row of the same series. */
  readonly repeated: boolean
}

export interface FamilyLayout {
  /** The family's number in the registry, which its rows carry. */
  readonly id: number
  readonly family: AnyFamily
  /** Prepared states of a state set. */
  readonly states: readonly PreparedState[]
  /** The keys that a copy family copies; undefined if it has no rows. */
  readonly copies: ((key: string) => boolean) | undefined
}

export interface ResourceLayout {
  /** The resource's number in the registry. */
  readonly id: number
  readonly plan: ResourcePlan
  readonly resource: AnyResource
  /** In ascending order of their numbers, like the rows in a block. */
  readonly families: readonly FamilyLayout[]
  readonly familyIds: ReadonlySet<number>
  readonly identity: readonly { readonly key: PreparedKey; readonly read: (object: unknown) => string }[]
  /** Instead of `identity`, for a resource whose labels are sorted by name. */
  readonly common: CommonLayout | undefined
}

/** The labels that most series of an object have. */
export interface CommonLayout {
  readonly read: (object: KubernetesObject) => LabelSet
  /** Of these, those that most objects have, by name. */
  readonly constants: ReadonlyMap<string, string>
  /** Their bytes. */
  readonly constantsLength: number
  /** The number of their shared label set; that of the empty set if the shared sets are full. */
  readonly shared: number
}

/** The source of numbers for resources and families, and the shared label sets. */
export interface LayoutIds {
  readonly shared: SharedLabelSets
  resourceId(resource: AnyResource): number
  familyId(family: AnyFamily): number
}

/** Throws a RangeError if there are more families than rows can refer to. */
export function createLayout(plan: ResourcePlan, ids: LayoutIds): ResourceLayout {
  const families = plan.families.map((family) => createFamilyLayout(family, plan, ids)).sort((a, b) => a.id - b.id)
  const last = families.at(-1)
  if (last !== undefined && last.id >= maxFamilies) {
    throw new RangeError(`${last.family.name}: more than ${maxFamilies} families`)
  }
  return {
    id: ids.resourceId(plan.resource),
    plan,
    resource: plan.resource,
    families,
    familyIds: new Set(families.map(({ id }) => id)),
    identity: Object.entries(plan.resource.identity).map(([name, read]) => ({
      key: prepareKey(name),
      read: read as (object: unknown) => string,
    })),
    common: plan.resource.common && createCommonLayout(plan.resource.common, ids.shared),
  }
}

function createCommonLayout(
  { constants, read }: CommonLabels<KubernetesObject>,
  shared: SharedLabelSets,
): CommonLayout {
  const sorted = [...constants].sort(([left], [right]) => (left < right ? -1 : 1))
  const labels = encodeLabels(sorted)
  const id = shared.intern(labels)
  if (id === undefined) return { read, constants: new Map(), constantsLength: 0, shared: emptyLabelSet }
  return { read, constants: new Map(sorted), constantsLength: labels.length, shared: id }
}

function createFamilyLayout(family: AnyFamily, plan: ResourcePlan, ids: LayoutIds): FamilyLayout {
  return {
    id: ids.familyId(family),
    family,
    states: family.kind === 'stateSet' ? prepareStates(family.label, family.states, ids.shared) : [],
    copies: family.kind === 'copy' ? keysToCopy(family.selection, plan) : undefined,
  }
}

function prepareStates(label: string, states: readonly string[], shared: SharedLabelSets): PreparedState[] {
  return states.map((name, i) => ({
    name,
    shared: shared.intern(encodeLabels([[label, name]])),
    repeated: states.indexOf(name) < i,
  }))
}

function keysToCopy(selection: 'labels' | 'annotations' | 'all', plan: ResourcePlan): FamilyLayout['copies'] {
  if (selection === 'all') return () => true
  return selection === 'labels' ? plan.labelKeys : plan.annotationKeys
}
