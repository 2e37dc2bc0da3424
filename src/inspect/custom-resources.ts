/** The rules for custom resources, as offline commands take them of the configuration. */

import type { CustomResourcesConfig } from '../config/custom-resources-config.ts'
import { formatConfigurationProblem } from '../custom-resources/configuration.ts'
import type { CompileExpression } from '../custom-resources/expression.ts'
import { loadExpressions } from '../custom-resources/load-expressions.ts'
import { readRules } from '../custom-resources/read-rules.ts'
import { explainRule } from '../custom-resources/rule-text.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import { findRules } from './found-rules.ts'
import type { Manifest } from './manifests.ts'

export interface CustomResources {
  readonly rules: CustomResourceRules
  /** Built-in resources are left out. */
  readonly only: boolean
  /** Whether the manifest is one that rules were read from. */
  isRuleSource(manifest: Manifest): boolean
  /** What each rule has found, in lines. `page` has the samples that came of it. */
  explain(page: string): string
}

/**
 * Reads the rules as `readCustomResources` does, with the compiler of expressions if they need it. The manifests are those
 * of a cluster, some of which may hold rules too.
 */
export async function loadCustomResources(
  config: CustomResourcesConfig,
  onProblem: (message: string) => void,
  manifests: readonly Manifest[] = [],
): Promise<CustomResources> {
  const { texts: found, isRuleSource } = findRules(config, manifests)
  const texts = [...config.texts, ...found]
  const read = readCustomResources({ ...config, texts }, onProblem, await loadExpressions(texts))
  return { ...read, isRuleSource }
}

/** Reads the rules and reports everything wrong with them, a line each. `compile` is what `loadExpressions` yields for them. */
export function readCustomResources(
  { texts, only }: CustomResourcesConfig,
  onProblem: (message: string) => void,
  compile: CompileExpression | undefined,
): CustomResources {
  const { rules, problems } = readRules(texts, compile)
  for (const problem of problems) onProblem(formatConfigurationProblem(problem))
  const explain = (page: string) => {
    const shared = countShared(page)
    const lines = rules
      .status()
      .flatMap((status) => [...explainRule(status), ...describeShared(status.rule.name, shared)])
    return lines.map((line) => `${line}\n`).join('')
  }
  return { rules, only, explain, isRuleSource: () => false }
}

/** By metric name, how many samples have the labels of another. */
function countShared(page: string): ReadonlyMap<string, number> {
  const seen = new Set<string>()
  const shared = new Map<string, number>()
  for (const line of page.split('\n')) {
    const series = line.slice(0, line.lastIndexOf(' '))
    const name = series.replace(/[{].*/s, '')
    if (line.startsWith('#') || line === '') continue
    if (seen.has(series)) shared.set(name, (shared.get(name) ?? 0) + 1)
    seen.add(series)
  }
  return shared
}

function describeShared(name: string, shared: ReadonlyMap<string, number>): string[] {
  const count = shared.get(name)
  if (count === undefined) return []
  return [`  samples with the labels of another: ${count}; receivers keep one of them: add a label such as the name`]
}
