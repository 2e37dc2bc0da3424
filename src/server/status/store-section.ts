/** What is stored and read: resources with their watches, and the largest metric families. */

import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Status } from './status.ts'
import { formatBytes, formatCount, labelled, sumOf } from './values.ts'

/** The families that are shown. */
const shownFamilies = 20

export function storeSection(status: Status): Html {
  const { resources, samples } = status
  const sum = (read: (resource: Status['resources'][number]) => number) =>
    resources.reduce((total, resource) => total + read(resource), 0)
  const rows = inOrder(status).map(
    ({ name, objects, series, bytes }) => html`<tr><th scope="row">${name}</th><td>${statesOf(name, status)}</td>
<td>${formatCount(objects)}</td><td>${formatCount(series)}</td><td>${formatBytes(bytes)}</td>
<td>${formatCount(sumOf(samples, 'kube_state_otlp_watch_restarts_total', { resource: name }) ?? 0)}</td></tr>`,
  )
  return html`<section aria-labelledby="store"><h2 id="store">Resources</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="store"><table>
<thead><tr><th scope="col">Resource</th><th scope="col">Lists</th><th scope="col">Objects</th><th scope="col">Series</th><th scope="col">Bytes</th><th scope="col">Watch restarts</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">all</th><td></td><td>${formatCount(sum((it) => it.objects))}</td><td>${formatCount(sum((it) => it.series))}</td><td>${formatBytes(sum((it) => it.bytes))}</td><td></td></tr></tfoot>
</table></div>
${families(status)}</section>`
}

/** What is not synced first, then by series. */
function inOrder(status: Status): Status['resources'] {
  const isSynced = ({ name }: { readonly name: string }) => (statesOf(name, status) === 'synced' ? 1 : 0)
  return [...status.resources].sort((a, b) => isSynced(a) - isSynced(b) || b.series - a.series)
}

/** `synced`, or `synced 3, forbidden 1` in several namespaces. */
function statesOf(resource: string, { samples }: Status): string {
  const states = labelled(samples, 'kube_state_otlp_reflectors').filter(({ labels }) => labels.resource === resource)
  if (states.length === 1 && states[0]?.value === 1) return states[0].labels.status ?? ''
  return states.map(({ labels, value }) => `${labels.status} ${value}`).join(', ')
}

function families({ families: all }: Status): Html {
  const shown = all.slice(0, shownFamilies)
  const rows = shown.map(
    ({ name, series }) => html`<tr><th scope="row">${name}</th><td>${formatCount(series)}</td></tr>`,
  )
  const rest = all.length - shown.length
  return html`<details><summary>Largest metric families</summary><table><tbody>${rows}</tbody></table>
${rest > 0 ? html`<p>${rest} smaller ones are not shown.</p>` : ''}</details>`
}
