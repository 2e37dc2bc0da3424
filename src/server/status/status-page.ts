/** The status page: one HTML document without scripts and external resources. */

import { configurationSection } from './configuration-section.ts'
import { destinationsSection } from './destinations-section.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { rulesSection } from './rules-section.ts'
import type { Status } from './status.ts'
import { storeSection } from './store-section.ts'
import { style } from './style.ts'
import { formatDuration, labelled, sumOf } from './values.ts'

/** The object that was asked for, and its series if there is such an object. */
export interface Lookup {
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly text: string | undefined
}

export interface StatusPageOptions {
  readonly status: Status
  readonly lookup: Lookup | undefined
  /** Undefined: the page does not reload itself. */
  readonly refreshSeconds: number | undefined
  readonly links: readonly { readonly path: string; readonly description: string }[]
}

/** Renders the page. */
export function renderStatusPage({ status, lookup, refreshSeconds, links }: StatusPageOptions): string {
  const reload = refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${reload}
<title>kube-state-otlp: ${status.ready ? 'ready' : 'not ready'}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>kube-state-otlp</h1>
<p>${status.version}, up ${formatDuration(status.uptimeSeconds)}. ${refreshControl(refreshSeconds)}</p>
</header>
<main>
${summary(status)}
${destinationsSection(status)}
${storeSection(status)}
${lookupSection(status, lookup)}
${rulesSection(status)}
${configurationSection(status)}
</main>
<footer><nav aria-label="Other pages">${links.map(({ path, description }) => html`<a href="${path}">${path}</a> ${description}<br>`)}</nav></footer>
</body>
</html>
`.html
}

function refreshControl(seconds: number | undefined): Html {
  return seconds === undefined
    ? html`<a href="/">Refresh every 5 s</a>`
    : html`Refreshes every ${seconds} s: <a href="/?refresh=0">stop</a>`
}

function summary({ ready, lines, samples }: Status): Html {
  const leader = labelled(samples, 'kube_state_otlp_leader')[0]
  const total = sumOf(samples, 'kube_state_metrics_total_shards') ?? 1
  const ordinal = labelled(samples, 'kube_state_metrics_shard_ordinal')[0]?.labels.shard_ordinal ?? '0'
  const facts: readonly (readonly [string, string])[] = [
    [
      'Leader',
      leader === undefined
        ? 'no leader election'
        : leader.value === 1
          ? 'this replica'
          : (leader.labels.holder ?? 'none'),
    ],
    ['Shard', total > 1 ? `${ordinal} of ${total}` : 'all objects'],
  ]
  return html`<section aria-labelledby="state"><h2 id="state">State</h2>
<p><strong class="${ready ? 'good' : 'bad'}">${ready ? '✓ ready' : '… not ready'}</strong></p>
${list(lines.slice(0, shownLines))}${more(lines.slice(shownLines))}
<dl>${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>`
}

/** Lines that are always shown. */
const shownLines = 6

function list(lines: readonly string[]): Html {
  return html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}

function more(lines: readonly string[]): Html {
  return lines.length === 0 ? html`` : html`<details><summary>${lines.length} more</summary>${list(lines)}</details>`
}

function lookupSection({ resources }: Status, lookup: Lookup | undefined): Html {
  const { resource = '', namespace = '', name = '' } = lookup ?? {}
  const options = resources.map((it) => html`<option${it.name === resource ? html` selected` : ''}>${it.name}</option>`)
  return html`<section aria-labelledby="lookup"><h2 id="lookup">Series of an object</h2>
<form action="/#lookup">
<label>Resource <select name="resource">${options}</select></label>
<label>Namespace <input name="namespace" value="${namespace}" placeholder="if it has one"></label>
<label>Name <input name="name" value="${name}" required></label>
<button>Show</button>
</form>
${lookup ? describeLookup(lookup) : ''}
</section>`
}

function describeLookup({ resource, namespace, name, text }: Lookup): Html {
  const object = `${resource} ${namespace === '' ? '' : `${namespace}/`}${name}`
  if (text === undefined) return html`<p>There is no object ${object} in the store.</p>`
  return html`<pre tabindex="0" aria-label="Series of ${object}">${text}</pre>`
}
