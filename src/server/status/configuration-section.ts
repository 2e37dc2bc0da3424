/** The effective configuration: what differs from the defaults first, the rest on demand. */

import type { Html } from './html.ts'
import { html } from './html.ts'
import type { Status } from './status.ts'

export function configurationSection({ settings }: Status): Html {
  const changed = settings.filter(({ source }) => source !== 'default')
  const defaults = settings.filter(({ source }) => source === 'default')
  if (settings.length === 0) return html``
  return html`<section aria-labelledby="configuration"><h2 id="configuration">Configuration</h2>
${changed.length === 0 ? html`<p>Every key has its default.</p>` : table(changed)}
<details><summary>Keys with their defaults (${defaults.length})</summary>${table(defaults)}</details></section>`
}

function table(settings: Status['settings']): Html {
  const rows = settings.map(
    ({ key, value, source }) =>
      html`<tr><th scope="row">${key}</th><td class="text">${value}</td><td class="text">${source}</td></tr>`,
  )
  return html`<div class="wide" tabindex="0" role="region" aria-labelledby="configuration"><table>
<thead><tr><th scope="col">Key</th><th scope="col" class="text">Value</th><th scope="col" class="text">Source</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
