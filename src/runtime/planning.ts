/** The plan of the running program: built-in resources as selected, and custom resources as their kinds come and go. */

import type { Config, SelectionConfig } from '../config/config.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import type { ServedKind } from '../custom-resources/served-kind.ts'
import type { AnyResource } from '../families/family.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Engine } from './engine.ts'
import type { Reading } from './reading.ts'
import { createRuleLog, observeRules } from './rule-reports.ts'

export interface PlanningOptions {
  readonly config: Config
  /** All that may be selected. */
  readonly resources: readonly AnyResource[]
  readonly rules: CustomResourceRules
  readonly engine: Engine
  readonly reading: Reading
  readonly log: Log
  readonly metrics: SelfMetrics
}

export interface Planning {
  /** Applies another selection of resources, objects, families and label keys; `customOnly` excludes built-in resources. */
  select(selection: SelectionConfig, customOnly: boolean): void
  /** Applies changed rules for custom resources. */
  rulesChanged(): void
}

/** Applies the first plan and follows the kinds that rules are for. */
export function startPlanning({ config, resources, rules, engine, reading, log, metrics }: PlanningOptions): Planning {
  const planBuiltIn = () => createPlan(customOnly ? [] : resources, selection)
  let customOnly = config.customResources.only
  let selection: SelectionConfig = config.selection
  let builtIn = planBuiltIn()
  let custom: readonly AnyResource[] = []
  let known: ReadonlySet<string> = new Set()

  const apply = () => {
    // Custom resources are selected by rules, independent of the selection of built-in resources.
    const plan = [...builtIn, ...createPlan(custom, { ...selection, resources: undefined })]
    reading.apply(engine.apply(plan))
    const names = new Set(custom.map(nameOf))
    const [added, removed] = [[...names.difference(known)], [...known.difference(names)]]
    if (added.length > 0) log.info({ resources: added }, 'reading custom resources')
    if (removed.length > 0) log.info({ resources: removed }, 'custom resources were removed; their series end')
    known = names
  }
  apply()
  let kinds: readonly ServedKind[] = []
  const resolve = () => {
    custom = rules.resolve(kinds)
    apply()
  }
  const discover = createDiscovery({ rules, reading, log, metrics }, (found) => {
    kinds = found
    resolve()
  })
  discover()
  return {
    rulesChanged() {
      discover()
      resolve()
    },
    select(next, only) {
      selection = next
      customOnly = only
      builtIn = planBuiltIn()
      apply()
    },
  }
}

/** Returns the function that discovers kinds once there are rules; without rules nothing is discovered. */
function createDiscovery(
  { rules, reading, log, metrics }: Pick<PlanningOptions, 'rules' | 'reading' | 'log' | 'metrics'>,
  onKinds: (kinds: readonly ServedKind[]) => void,
): () => void {
  let isDiscovering = false
  let isAnythingKnown = false
  return () => {
    if (isDiscovering || rules.declarations.length === 0) return
    isDiscovering = true
    const groups = () => [...new Set(rules.declarations.map(({ groupVersionKind }) => groupVersionKind.group))]
    reading.discover(groups, (found) => {
      isAnythingKnown = true
      onKinds(found)
    })
    observeRules(metrics, rules)
    const logRules = createRuleLog(rules, log)
    // Before the API server has answered, what it serves is unknown.
    reading.every(ruleLogMs, () => {
      if (isAnythingKnown) logRules()
    })
  }
}

/** Time for kinds to be found and listed before the first look, and between two looks. */
const ruleLogMs = 60_000

const nameOf = ({ plural, apiVersion }: AnyResource) => `${plural}.${apiVersion}`
