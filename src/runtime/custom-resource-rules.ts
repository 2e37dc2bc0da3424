/** The rules for custom resources that a configuration holds, now and after each reload, and the report of what is wrong with them. */

import type { NamedText } from '../config/custom-resources-config.ts'
import type { ConfigurationProblem, ResourceDeclaration } from '../custom-resources/configuration.ts'
import { formatConfigurationProblem } from '../custom-resources/configuration.ts'
import type { CompileExpression } from '../custom-resources/expression.ts'
import { loadExpressions } from '../custom-resources/load-expressions.ts'
import { readConfiguration } from '../custom-resources/read-configuration.ts'
import { repeatedLabels } from '../custom-resources/repeated-labels.ts'
import type { CustomResourceRules } from '../custom-resources/rules.ts'
import { createCustomResourceRules } from '../custom-resources/rules.ts'
import type { Log } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'

export interface LoadedRules {
  readonly rules: CustomResourceRules
  /**
   * Reads texts in place of those before, and those of the last call last. One with an error changes nothing: its former
   * rules stay in use.
   */
  load(texts: readonly NamedText[]): Promise<void>
}

/** What a text has led to. */
interface LoadedText {
  readonly text: string
  /** Those of the text, or its former ones if it has errors. */
  readonly resources: readonly ResourceDeclaration[]
}

/**
 * Without rules until the first `load`. Everything wrong with a text is logged once; it refuses itself, not the others.
 * `constantLabels` are on every data point, so that no rule may have them.
 */
export function createLoadedRules(
  log: Log,
  metrics: Pick<SelfMetrics, 'configReload' | 'configRemoved'>,
  constantLabels: readonly string[],
): LoadedRules {
  const rules = createCustomResourceRules([])
  /** By source. */
  const loaded = new Map<string, LoadedText>()
  const read = (
    { source, text }: NamedText,
    compile: CompileExpression | undefined,
    former: readonly ResourceDeclaration[],
  ) => {
    const { resources, problems: ofText } = readConfiguration(source, text, compile)
    const problems = [...ofText, ...resources.flatMap((resource) => repeatedLabels(resource, constantLabels))]
    const isRefused = problems.some(({ severity }) => severity === 'error')
    logProblems(log, problems)
    const content = isRefused ? {} : { content: Buffer.from(text) }
    metrics.configReload({ type: 'customresourceconfig', filename: source, ...content })
    if (!isRefused) return resources
    const outcome = former.length === 0 ? 'are ignored' : 'stay as they were before'
    log.error({ source }, `these rules for custom resources ${outcome} because of the errors above`)
    return former
  }
  const readAll = (texts: readonly NamedText[], compile: CompileExpression | undefined) => {
    const sources = new Set(texts.map(({ source }) => source))
    for (const source of [...loaded.keys()].filter((source) => !sources.has(source))) {
      loaded.delete(source)
      metrics.configRemoved({ type: 'customresourceconfig', filename: source })
    }
    for (const named of texts) {
      const { source, text } = named
      const before = loaded.get(source)
      if (before?.text === text) continue
      loaded.set(source, { text, resources: read(named, compile, before?.resources ?? []) })
    }
    rules.update([...sources].flatMap((source) => loaded.get(source)?.resources ?? []))
  }
  let last: Promise<void> = Promise.resolve()
  return {
    rules,
    load(texts) {
      const compiler = loadExpressions(texts)
      last = Promise.all([compiler, last.catch(() => undefined)]).then(([compile]) => readAll(texts, compile))
      return last
    },
  }
}

function logProblems(log: Log, problems: readonly ConfigurationProblem[]): void {
  for (const problem of problems) {
    const message = formatConfigurationProblem(problem)
    if (problem.severity === 'error') log.error(message)
    else log.warn(message)
  }
}
