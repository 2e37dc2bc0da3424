/** Labels of rules that the configuration puts on every data point as well. Receivers reject a series with two labels of one name. */

import { sanitizeLabelName } from '../families/label-name.ts'
import type { ConfigurationProblem, MetricDeclaration, ResourceDeclaration } from './configuration.ts'
import { labelNameOf } from './monitors/resolved-samples.ts'
import { nameOfRule } from './rule-text.ts'

/** A problem for each rule with such labels. What a key `*` copies is known only from objects, so it is not checked. */
export function repeatedLabels(
  resource: ResourceDeclaration,
  constantLabels: readonly string[],
): readonly ConfigurationProblem[] {
  return resource.rules.flatMap((rule) => {
    const names = [resource, rule]
      .flatMap(({ commonLabels, labelsFromPath }) => [...commonLabels.keys(), ...labelsFromPath.keys()])
      .concat(namesOfEach(rule.each), resource.isOfMonitor ? ['group', 'version', 'kind'] : [])
    const repeated = constantLabels.filter((label) => names.some((name) => covers(name, sanitizeLabelName(label))))
    if (repeated.length === 0) return []
    const { line, column } = rule
    const message = `expected other labels than otlp.constant_labels has, got ${repeated.join(', ')}`
    return [{ source: resource.source, line, column, rule: nameOfRule({ resource, rule }), message, severity: 'error' }]
  })
}

function namesOfEach(each: MetricDeclaration): string[] {
  const ofType = each.type === 'stateset' ? each.labelName : each.labelFromKey
  const ofExpressions = each.expressions?.labels.keys() ?? []
  const resolved = each.type === 'gauge' ? (each.resolved?.labels ?? []).map(([name]) => labelNameOf(name)) : []
  return [...each.labelsFromPath.keys(), ...ofExpressions, ...resolved, ...(ofType === '' ? [] : [ofType])]
}

/** A key that ends in a star stands for all names with what is before it. */
function covers(name: string, label: string): boolean {
  const prefix = sanitizeLabelName(name.replace(/\*$/, ''))
  return name.endsWith('*') ? prefix !== '' && label.startsWith(prefix) : prefix === label
}
