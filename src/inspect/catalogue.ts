/** The catalogue: all families with their declarations, and whether a selection enables them. Pure. */

import { resources as builtIn } from '../families/built-in-resources.ts'
import type { AnyFamily, AnyResource, MetricType, Stability } from '../families/family.ts'
import { labelSetsOf } from '../families/label-sets.ts'
import type { FamilySelection } from '../selection/create-plan.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { PatternTest } from '../selection/metric-pattern.ts'
import { compileEcmaPattern } from '../selection/metric-pattern.ts'

/** One family of the catalogue. */
export interface CatalogueEntry {
  /** The plural name of its resource. */
  readonly resource: string
  readonly name: string
  readonly type: MetricType
  readonly stability: Stability
  /** Label names in order, starting with the identity of the object; `label_*` stands for copied keys. */
  readonly labels: readonly string[]
  /** Other possible sets of labels, for the few families whose label names vary. */
  readonly otherLabels: readonly (readonly string[])[]
  /** Reported only if `--metric-opt-in-list` names it. */
  readonly optIn: boolean
  /** The version of kube-state-metrics that deprecated it; null if none did. */
  readonly deprecatedSince: string | null
  readonly help: string
  /** Whether both the resource and the family are enabled. */
  readonly enabled: boolean
}

/** The default selection. */
export const defaultFamilySelection: FamilySelection = {
  resources: undefined,
  metricAllowlist: [],
  metricDenylist: [],
  metricOptInList: [],
  labelsAllowList: new Map(),
  annotationsAllowList: new Map(),
}

/** All families of the resources, in the order of the output. */
export function catalogueOf(
  selection: FamilySelection = defaultFamilySelection,
  resources: readonly AnyResource[] = builtIn,
): readonly CatalogueEntry[] {
  const plan = createPlan(resources, selection)
  const enabled = new Set(plan.flatMap(({ families }) => families))
  return resources.flatMap((resource) =>
    resource.families.map((family: AnyFamily) => entryOf(resource, family, enabled.has(family))),
  )
}

function entryOf({ plural, identity }: AnyResource, family: AnyFamily, enabled: boolean): CatalogueEntry {
  const [labels = [], ...otherLabels] = labelSetsOf(family).map((names) => [...Object.keys(identity), ...names])
  const { name, type, stability, optIn, help, deprecatedSince = null } = family
  return { resource: plural, name, type, stability, labels, otherLabels, optIn, deprecatedSince, help, enabled }
}

/**
 * The entries of the resources named by the words, and of the families that match a word as an ECMAScript pattern; all
 * entries without words. A word that is not a valid pattern is compared literally. Words without a match are returned as
 * `unmatched`.
 */
export function searchCatalogue(entries: readonly CatalogueEntry[], words: readonly string[]) {
  if (words.length === 0) return { found: entries, unmatched: [] }
  const tests = words.map((word) => entryTest(entries, word))
  return {
    found: entries.filter((entry) => tests.some((isMeant) => isMeant(entry))),
    unmatched: words.filter((_, i) => !entries.some((entry) => tests[i]?.(entry))),
  }
}

function entryTest(entries: readonly CatalogueEntry[], word: string): (entry: CatalogueEntry) => boolean {
  if (entries.some(({ resource }) => resource === word)) return ({ resource }) => resource === word
  const matches = nameTest(word)
  return ({ name }) => matches(name)
}

function nameTest(word: string): PatternTest {
  try {
    return compileEcmaPattern(word)
  } catch {
    return (name) => name.includes(word)
  }
}
