/** The JSON schema of the configuration file, for editors: every key with its documentation and default. */
import type { JsonSchema } from './formats/format.ts'
import { resourceNames } from './resource-names.ts'
import type { AnySetting, Key } from './schema.ts'
import { allSettings } from './schema.ts'
import { withoutEffectInFile } from './sections/compatibility.ts'

/** The text of the schema file. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(configurationSchema(), null, 2)}\n`
}

function configurationSchema(): JsonSchema {
  const sections = new Map<string, Record<string, JsonSchema>>()
  const properties: Record<string, JsonSchema> = {}
  for (const [key, setting] of allSettings) {
    if (setting.notInFile) continue
    const [section, name] = key.split('.') as [string, string | undefined]
    const schema = keySchema(key, setting)
    if (name === undefined) properties[section] = schema
    else sections.set(section, { ...sections.get(section), [name]: schema })
    for (const alias of setting.fileAliases ?? []) properties[alias] = { ...schema, description: `Alias of ${key}.` }
  }
  for (const [section, keys] of sections) properties[section] = optionalObject(keys)
  for (const name of withoutEffectInFile)
    properties[name] = { description: 'Accepted for compatibility with kube-state-metrics, without effect.' }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of kube-state-otlp',
    ...optionalObject(properties),
  }
}

/** A key without a value is ignored, so null is valid everywhere. */
const optionalObject = (properties: Readonly<Record<string, JsonSchema>>) => ({
  type: ['object', 'null'],
  properties,
  additionalProperties: false,
})

function keySchema(key: Key, { doc, default: fallback, format, example }: AnySetting): JsonSchema {
  const values = key === 'resources' ? resourcesSchema : format.schema
  return {
    description: doc,
    anyOf: [values, { type: 'null' }],
    ...(fallback === undefined ? {} : { default: format.write(fallback) }),
    ...(example === undefined ? {} : { examples: [format.write(example)] }),
  }
}

/** With the names, which editors complete. */
const resourcesSchema: JsonSchema = {
  anyOf: [
    { type: 'array', items: { enum: resourceNames } },
    { type: 'object', propertyNames: { enum: resourceNames } },
    { type: 'string' },
  ],
}
