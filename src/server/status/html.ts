/** HTML as a tagged template: whatever is put in is escaped, unless it is HTML of this template. */

export interface Html {
  readonly html: string
}

type Part = string | number | Html | readonly Part[]

/** Text in `&`, `<`, `>` and quotes becomes entities. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Numbers, texts, lists of both and nested HTML. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, i) => text + (i < parts.length ? write(parts[i] as Part) : '')).join('') }
}

function write(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(write).join('')
}
