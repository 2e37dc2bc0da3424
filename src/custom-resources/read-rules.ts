/** The step from all texts of the configuration to rules. */

import type { ConfigurationProblem } from './configuration.ts'
import type { CompileExpression } from './expression.ts'
import { readConfiguration } from './read-configuration.ts'
import type { CustomResourceRules } from './rules.ts'
import { createCustomResourceRules } from './rules.ts'

/** The text of a file with rules, and the name that messages call it by. */
export interface RuleText {
  readonly source: string
  readonly text: string
}

/** The rules of the texts that are without errors, and everything wrong with any of them. */
export interface ReadRules {
  readonly rules: CustomResourceRules
  readonly problems: readonly ConfigurationProblem[]
}

/**
 * Reads texts. A text with an error refuses itself, not the others. `compile` is
 * what `loadExpressions` yields for the texts.
 */
export function readRules(texts: readonly RuleText[], compile?: CompileExpression): ReadRules {
  const read = texts.map(({ source, text }) => readConfiguration(source, text, compile))
  return {
    rules: createCustomResourceRules(read.flatMap(({ resources }) => resources)),
    problems: read.flatMap(({ problems }) => problems),
  }
}
