/** Renders docs/flags.md: the flags of kube-state-metrics with their meaning here, then every flag of the configuration. */
import { readFileSync } from 'node:fs'
import { describeFlags } from '../src/config/flag-help.ts'
import { allSettings } from '../src/config/schema.ts'
import { withoutEffect } from '../src/config/sections/compatibility.ts'
import { flagOf } from '../src/config/setting.ts'

/** A flag as kube-state-metrics v2.20 publishes it. */
export interface PublishedFlag {
  readonly name: string
  readonly short?: string
  readonly type: string
  /** As text; empty for none. */
  readonly default: string
  /** Its key in a configuration file. */
  readonly key?: string
}

/** What becomes of a flag of kube-state-metrics here. */
export type Meaning = 'same' | 'no effect'

const facts = new URL('../test/config/kube-state-metrics-flags.json', import.meta.url)
export const publishedFlags: readonly PublishedFlag[] = JSON.parse(readFileSync(facts, 'utf8'))

const settings = new Map([...allSettings].map(([key, setting]) => [flagOf(key, setting), setting]))
const ignored = new Map(withoutEffect.map(({ flag, reason }) => [flag, reason]))

/** The meaning of a flag, and a remark: the difference, or the reason. */
export function meaningOf({ name }: PublishedFlag): { readonly meaning: Meaning; readonly remark: string } {
  const setting = settings.get(name)
  const reason = ignored.get(name)
  if (reason !== undefined) return { meaning: 'no effect', remark: reason }
  if (setting === undefined && name !== 'help') throw new Error(`--${name} of kube-state-metrics is not declared`)
  return { meaning: 'same', remark: setting?.deviation ?? '' }
}

export const flagPage: Readonly<Record<string, () => string>> = { 'docs/flags.md': renderFlagPage }

function renderFlagPage(): string {
  const sections = describeFlags().map(({ title, flags }) =>
    table(
      `### ${title}`,
      ['flag', 'meaning'],
      flags.map(({ flag, placeholder, description }) => [
        code(placeholder === '' ? flag : `${flag} <${placeholder}>`),
        escaped(description),
      ]),
    ),
  )
  return `<!-- Written by npm run docs from src/config and test/config/kube-state-metrics-flags.json. -->

# Flags

Every flag is also a key in the configuration file and an environment variable: see [config/default.yaml](../config/default.yaml), which
names all three, and [config/schema.json](../config/schema.json), its JSON schema. Precedence, lowest first: default, environment, flags,
file.

${table(
  '## Flags of kube-state-metrics v2.20',
  ['flag', 'default there', 'here', 'remark'],
  publishedFlags.map(publishedRow),
)}

- **same**: the same meaning and the same default, apart from the remark.
- **no effect**: accepted, so that arguments and files can be kept; the log lists these flags once at the start.

The commands \`completion\`, \`help\` and \`version\` exist here too. A flag that neither program knows is refused.

## All flags

${sections.join('\n\n')}
`
}

function publishedRow(flag: PublishedFlag): readonly string[] {
  const { meaning, remark } = meaningOf(flag)
  const names = flag.short === undefined || flag.short === flag.name ? '' : `, ${code(`-${flag.short}`)}`
  return [code(`--${flag.name}`) + names, shownDefault(flag), meaning, escaped(remark)]
}

function shownDefault({ name, default: fallback }: PublishedFlag): string {
  if (name === 'resources') return `${fallback.split(',').length} resources ([the same](metrics/README.md))`
  return fallback === '' ? '' : code(fallback)
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [title, '', ...lines].join('\n')
}

const code = (text: string) => `\`${text}\``
const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
