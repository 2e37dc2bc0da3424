/** Renders docs/configuration.md: every key of the configuration with its default, flag, variables and meaning. */
import type { AnySetting, Key, Section } from '../src/config/schema.ts'
import { sections, settingOf } from '../src/config/schema.ts'
import { flagOf, variablesOf } from '../src/config/setting.ts'

export const configurationPage: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': renderConfigurationPage,
}

function renderConfigurationPage(): string {
  const parts = sections.map(({ title, keys }) => [`## ${title}`, '', ...keys.flatMap(describe)].join('\n').trimEnd())
  return `<!-- Written by npm run docs from src/config. -->

# Configuration

Every setting is a key of the configuration file (\`--config\`), a flag and an environment variable. Precedence, lowest first: default,
environment, flags, file. A configuration file of kube-state-metrics can be used unchanged.

    kube-state-otlp config --config=FILE

prints the effective configuration with the source of each value. [config/default.yaml](../config/default.yaml) is this page as a file with
comments, [config/schema.json](../config/schema.json) its JSON schema for editors, [config/examples](../config/examples) has files to start
from, and [flags](flags.md) compares the flags with those of kube-state-metrics. [Changing the
configuration](deploying.md#changing-the-configuration) says what happens while the program runs.

## Changes that need a restart

A change of any other key in the file takes effect while the program runs. With leader election, so does a change of \`node\`, \`shard\` or
\`total_shards\` only as long as the name of the Lease stays the same. A change that needs a restart is named in the log, and has no effect
before; with leader election a rolling restart shows in no series.

| keys | why |
|---|---|
${sections.flatMap(describeRestart).join('\n')}

${parts.join('\n\n')}
`
}

function describeRestart({ keys, restart }: Section): string[] {
  if (restart === undefined) return []
  const names = keys.filter((key) => !settingOf(key).reloads).map(code)
  return [`| ${names.join(', ')} | ${restart} |`]
}

function describe(key: Key): string[] {
  const setting = settingOf(key)
  const variables = variablesOf(key, setting).map(({ name }) => code(name))
  const facts = [
    setting.notInFile ? 'not in a file' : `default ${defaultOf(setting)}`,
    `flag ${code(`--${flagOf(key, setting)}`)}`,
    `variable ${variables.join(' or ')}`,
    ...(setting.reloads ? ['a change needs no restart'] : []),
    ...(setting.secret ? ['never printed'] : []),
  ]
  return [`### ${code(key)}`, '', escaped(setting.doc), '', `${facts.join(' · ')}`, '']
}

function defaultOf({ default: value, format }: AnySetting): string {
  if (value === undefined) return 'none'
  const written = JSON.stringify(format.write(value))
  return written.length > 60
    ? 'see [config/default.yaml](../config/default.yaml)'
    : code(written.replace(/^"(.*)"$/, '$1'))
}

const code = (text: string) => (text === '' ? 'empty' : `\`${text}\``)
const escaped = (text: string) => text.replaceAll('<', '&lt;').replaceAll('*', '\\*')
