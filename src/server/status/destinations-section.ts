/** Each destination: what is pending, the last success and the last failure, and how long requests take. */

import type { SelfHistogram, SelfSample } from '../../telemetry/self-samples.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import type { DestinationStatus, Status } from './status.ts'
import { formatCount, formatDuration, labelled, mergeHistograms, quantileBound, sumOf } from './values.ts'

export function destinationsSection({ destinations, isPushConfigured, samples }: Status): Html {
  const body =
    destinations.length === 0
      ? html`<p>${isPushConfigured ? 'The push has not begun.' : 'Nothing is pushed: no OTLP endpoint is configured.'}</p>`
      : html`${destinations.map((destination) => describeDestination(destination, samples))}`
  return html`<section aria-labelledby="push"><h2 id="push">Push</h2>${body}</section>`
}

function describeDestination({ name, endpoint, lastFailure }: DestinationStatus, all: readonly SelfSample[]): Html {
  const samples = all.filter(({ labels }) => (labels.destination ?? name) === name)
  const push = (metric: string) => sumOf(samples, `kube_state_otlp_push_${metric}`)
  const count = (metric: string) => formatCount(push(metric) ?? 0)
  const lastSuccess = push('last_success_timestamp_seconds')
  const facts: readonly (readonly [string, string])[] = [
    ['Pending objects', count('pending_objects')],
    ['Oldest change', formatDuration(push('oldest_change_age_seconds') ?? 0)],
    ['Pending stale markers', count('pending_stale_markers')],
    ['Requests in flight', count('requests_in_flight')],
    ['Objects set aside', count('objects_set_aside')],
    ['Last success', lastSuccess === undefined ? 'none yet' : ago(lastSuccess * 1000)],
  ]
  const failure = lastFailure === undefined ? 'none' : `${ago(lastFailure.atMs)}: ${lastFailure.message}`
  const histograms = labelled(samples, 'kube_state_otlp_push_duration_seconds').flatMap(
    ({ histogram }) => histogram ?? [],
  )
  return html`<h3>${name} <small>${endpoint}</small></h3>
<p>${describeOutcome(lastSuccess, lastFailure?.atMs)}</p>
<dl>${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}
<div class="whole"><dt>Last failure</dt><dd>${failure}</dd></div></dl>
${outcomes(samples)}${describeLatency(mergeHistograms(histograms))}`
}

/** Of the last request. `lastSuccess` is in Unix seconds. */
function describeOutcome(lastSuccess: number | undefined, lastFailureMs: number | undefined): Html {
  if (lastFailureMs !== undefined && lastFailureMs > (lastSuccess ?? 0) * 1000)
    return html`<strong class="bad">✗ failing</strong>`
  return lastSuccess === undefined
    ? html`<strong>no answer yet</strong>`
    : html`<strong class="good">✓ accepted</strong>`
}

function ago(atMs: number): string {
  return `${formatDuration(Math.max(0, (Date.now() - atMs) / 1000))} ago`
}

function outcomes(samples: readonly SelfSample[]): Html {
  const rows = labelled(samples, 'kube_state_otlp_push_requests_total').map(
    ({ labels: { outcome = '' }, value }) =>
      html`<tr><th scope="row">${outcome}</th><td>${formatCount(value)}</td></tr>`,
  )
  if (rows.length === 0) return html``
  return html`<table><caption>Requests by outcome</caption><tbody>${rows}</tbody></table>`
}

/** The buckets as bars, whose lengths are shares of the largest one. */
function describeLatency(histogram: SelfHistogram | undefined): Html {
  if (histogram === undefined || histogram.count === 0) return html``
  const { bounds, counts } = histogram
  const largest = Math.max(...counts)
  const rows = counts.flatMap((count, i) => {
    if (count === 0) return []
    const bound = bounds[i] === undefined ? 'more' : `≤ ${formatDuration(bounds[i])}`
    const share = Math.round((100 * count) / largest)
    return [
      html`<tr><th scope="row">${bound}</th><td class="bar"><span style="width:${share}%"></span></td><td>${formatCount(count)}</td></tr>`,
    ]
  })
  const quantiles = [0.5, 0.99].map(
    (quantile) => `p${quantile * 100} ${describeBound(quantileBound(histogram, quantile), bounds)}`,
  )
  return html`<table><caption>Duration of requests: ${quantiles.join(', ')}</caption><tbody>${rows}</tbody></table>`
}

function describeBound(bound: number | undefined, bounds: readonly number[]): string {
  if (bound === undefined) return 'unknown'
  return Number.isFinite(bound) ? `≤ ${formatDuration(bound)}` : `> ${formatDuration(bounds.at(-1) ?? 0)}`
}
