/** The page at `/`: name, version and links to the other pages. */

import { escapeHtml } from './status/html.ts'

export interface LandingPage {
  title: string
  description: string
  version: string
  /** Paths of this server with what is found there. */
  links: readonly { path: string; description: string }[]
  /** Another page is at `/`, which only those who are authorized may see. */
  isReplaced?: boolean
}

/** Renders a small page without scripts or external resources. */
export function renderLandingPage({ title, description, version, links }: LandingPage): string {
  const items = links.map(
    (link) =>
      `    <li><a href="${escapeHtml(link.path)}">${escapeHtml(link.path)}</a>: ${escapeHtml(link.description)}</li>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>${escapeHtml(title)}</title>
  <style>body { font-family: sans-serif; max-width: 40em; margin: 3em auto; line-height: 1.5 }</style>
</head>
<body>
  <h1>${escapeHtml(title)}</h1>
  <p>${escapeHtml(description)}</p>
  <ul>
${items.join('\n')}
  </ul>
  <p>Version ${escapeHtml(version)}</p>
</body>
</html>
`
}
