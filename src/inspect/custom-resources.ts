/** The rules for custom resources, as offline commands take them of the configuration. */

import type { CustomResourcesConfig } from '../config/config.ts'
import { formatConfigurationProblem } from '../custom-resources/configuration.ts'
import { readRules } from '../custom-resources/read-rules.ts'
import { explainRule } from '../custom-resources/rule-text.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'

export interface CustomResources {
  readonly rules: CustomResourceRules
  /** Built-in resources are left out. */
  readonly only: boolean
  /** What each rule has found, in lines. */
  explain(): string
}

/** Reads the rules and reports everything wrong with them, a line each. */
export function readCustomResources(
  { texts, only }: CustomResourcesConfig,
  onProblem: (message: string) => void,
): CustomResources {
  const { rules, problems } = readRules(texts)
  for (const problem of problems) onProblem(formatConfigurationProblem(problem))
  const explain = () =>
    rules
      .status()
      .map((status) => `${explainRule(status).join('\n')}\n`)
      .join('')
  return { rules, only, explain }
}
