/** Custom resource state configuration as it was read: kube-state-metrics' format, checked, nothing compiled yet. */

import type { Selectors } from '../families/family.ts'
import type { Expression } from './expression.ts'
import type { Resolvable } from './monitors/resolvable.ts'

/** Where something stands in a file; both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something wrong with the configuration. */
export interface ConfigurationProblem extends Position {
  /** The file, or the flag or key whose text it is. */
  readonly source: string
  /** The rule that it concerns, like `Tree/height`; undefined where it concerns none. */
  readonly rule: string | undefined
  /** What is wrong and what would be right. */
  readonly message: string
  /** A warning leaves the file in use. */
  readonly severity: 'error' | 'warning'
}

/** Which kinds a resource entry is for. `version` and `kind` may be empty or `*`, which stands for all that are served. */
export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** How a text becomes a number, where trying one after the other is wrong. */
export type ConversionName = 'boolean' | 'duration' | 'number' | 'percent' | 'quantity' | 'timestamp'

/** A label whose value stands in the object. Everything but the path goes beyond kube-state-metrics. */
export interface LabelDeclaration {
  readonly path: readonly string[]
  readonly convert?: ConversionName
  /** RE2; a value that it does not match has no label, unless there is a default. */
  readonly match?: string
  /** What becomes of a value that matches: `$0` is the match, `$1` its first group. */
  readonly replace?: string
  /** Values in place of those found; of others, the default or they themselves. */
  readonly values?: ReadonlyMap<string, string>
  readonly default?: string
}

/** Label names to where their values stand. */
export type LabelPaths = ReadonlyMap<string, LabelDeclaration>

export interface LabelsDeclaration {
  readonly commonLabels: ReadonlyMap<string, string>
  readonly labelsFromPath: LabelPaths
}

/** What all types of metrics have in common: the values to look at, and the labels found in each. */
export interface EachDeclaration {
  readonly path: readonly string[]
  readonly labelsFromPath: LabelPaths
  /** In CEL; goes beyond kube-state-metrics. */
  readonly expressions?: ExpressionsDeclaration
}

/** What expressions say of each element; at least one of them is there. */
export interface ExpressionsDeclaration {
  /** Only elements for which it is true are samples. */
  readonly where?: Expression
  /** The value of a gauge. */
  readonly value?: Expression
  readonly labels: ReadonlyMap<string, Expression>
}

export type AggregateName = 'count' | 'max' | 'min' | 'sum'

export interface GaugeDeclaration extends EachDeclaration {
  readonly type: 'gauge'
  readonly valueFrom: readonly string[]
  /** Empty for none. */
  readonly labelFromKey: string
  readonly nilIsZero: boolean
  readonly convert?: ConversionName
  /** One sample for all that the path finds, or for each set of labels that it finds there. */
  readonly aggregate?: AggregateName
  /** Of a ResourceMetricsMonitor: value and labels are resolved by themselves, and everything else is empty. */
  readonly resolved?: ResolvedDeclaration
}

/** One metric of a ResourceMetricsMonitor. */
export interface ResolvedDeclaration {
  readonly value: Resolvable
  /** By name as written; of equal names the last counts. */
  readonly labels: readonly (readonly [name: string, value: Resolvable])[]
}

export interface InfoDeclaration extends EachDeclaration {
  readonly type: 'info'
  readonly labelFromKey: string
}

export interface StateSetDeclaration extends EachDeclaration {
  readonly type: 'stateset'
  readonly valueFrom: readonly string[]
  readonly labelName: string
  readonly list: readonly string[]
}

export type MetricDeclaration = GaugeDeclaration | InfoDeclaration | StateSetDeclaration

/** One metric of a resource entry: a rule. */
export interface RuleDeclaration extends LabelsDeclaration, Position {
  /** The full metric name, prefix included. */
  readonly name: string
  readonly help: string
  /** Above 0: errors are logged at debug level. */
  readonly errorLogV: number
  readonly each: MetricDeclaration
}

/** One entry of `spec.resources`. */
export interface ResourceDeclaration extends LabelsDeclaration, Position {
  readonly source: string
  readonly groupVersionKind: GroupVersionKind
  /** The plural name of a kind that the API server does not describe; empty unless set. */
  readonly resourcePlural: string
  readonly rules: readonly RuleDeclaration[]
  /** Only these objects are read. Goes beyond kube-state-metrics. */
  readonly selectors?: Selectors
  /** Of a ResourceMetricsMonitor: labels are named `group`, not `customresource_group`, and entries for one kind add up. */
  readonly isOfMonitor?: true
}

/** What one text yields. With an error among the problems there are no resources: the file is refused as a whole. */
export interface ReadConfiguration {
  readonly resources: readonly ResourceDeclaration[]
  readonly problems: readonly ConfigurationProblem[]
}

/** One line: `crs.yaml:12:9: Tree/height: …`. */
export function formatConfigurationProblem({ source, line, column, rule, message }: ConfigurationProblem): string {
  return `${source}:${line}:${column}: ${rule === undefined ? '' : `${rule}: `}${message}`
}
