/** The style sheet of the status page. Its colours have a contrast of at least 4.5 to 1 (WCAG AA), light and dark. */

import { html } from './html.ts'

export const style = html`
:root { --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --line: #d0d7de; --good: #116329; --bad: #a40e26; --link: #0550ae; --bar: #6e9fdb }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9da7b3; --line: #3d444d; --good: #56d364; --bad: #ff8882; --link: #79c0ff; --bar: #3a6ea5 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; font: 100%/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere }
header p { margin: 0 }
a { color: var(--link) }
small, caption, dt, thead th { color: var(--faint) }
small { font-weight: normal }
.good { color: var(--good) }
.bad { color: var(--bad) }
ul { padding-left: 1.25rem; margin: .5rem 0 }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem 1rem; margin: .5rem 0 }
dl div { min-width: 0 }
.whole { grid-column: 1 / -1 }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; margin: .5rem 0 }
caption { text-align: left; width: max-content; max-width: calc(100vw - 2rem) }
th, td { padding: .15rem .75rem .15rem 0; text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; white-space: nowrap }
tbody tr, tfoot tr { border-top: 1px solid var(--line) }
th:first-child, .text { text-align: left }
tbody th { font-weight: normal }
.text { max-width: 30rem; white-space: normal; overflow-wrap: anywhere }
.bar { width: 8rem }
.bar span { display: block; height: .8em; margin-top: .35em; background: var(--bar) }
.wide { overflow-x: auto }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); font-size: .85rem }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end }
label { display: grid; color: var(--faint) }
input, select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 3px; padding: .25rem .5rem; max-width: 100% }
summary { cursor: pointer }
footer { margin-top: 2rem; color: var(--faint) }
@media (max-width: 32rem) {
  .wide { font-size: .8rem }
  .wide th, .wide td { padding-right: .35rem }
  .wide thead th { white-space: normal }
  .wide tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 6rem }
  [aria-labelledby=store] :is(th, td):nth-child(5) { display: none }
}
`
