/** The rules for custom resources: what each has found, and its last error. */

import type { SelfSample } from '../../telemetry/self-samples.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Status } from './status.ts'
import { formatCount, labelled, sumOf } from './values.ts'

const prefix = 'kube_state_otlp_custom_resource_rule_'

/** Empty without rules. */
export function rulesSection({ samples }: Status): Html {
  const rules = labelled(samples, `${prefix}objects`)
  if (rules.length === 0) return html``
  return html`<section aria-labelledby="rules"><h2 id="rules">Rules for custom resources</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="rules"><table>
<thead><tr><th scope="col">Rule</th><th scope="col">Objects</th><th scope="col">Samples</th><th scope="col">Errors</th><th scope="col">Last error</th></tr></thead>
<tbody>${rules.map((rule) => describeRule(rule, samples))}</tbody></table></div></section>`
}

function describeRule({ labels: { rule = '', source = '' }, value }: SelfSample, samples: readonly SelfSample[]): Html {
  const count = (metric: string) => formatCount(sumOf(samples, prefix + metric, { rule, source }) ?? 0)
  const isOfRule = ({ labels }: SelfSample) => labels.rule === rule && labels.source === source
  const error = labelled(samples, `${prefix}last_error`).find(isOfRule)
  const { rule: _, source: __, ...details } = error?.labels ?? {}
  const text = Object.entries(details).map(([name, of]) => `${name} ${of}`)
  return html`<tr><th scope="row">${rule}<br><small>${source}</small></th><td>${formatCount(value)}</td><td>${count('samples')}</td>
<td>${count('errors')}</td><td>${text.join(', ')}</td></tr>`
}
