/** Checks rendered objects against the schemas of their kinds, which refuse unknown fields. */

import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import type { Manifest } from './kustomize.ts'
import type { KindSchemas } from './openapi.ts'

const read = (path: string) => parse(readFileSync(path, 'utf8')) as KindSchemas

/** Those of the API server, and those of custom kinds. */
const served = read('test/deploy/kubernetes-schemas.yaml')
export const customKinds = read('test/deploy/operator-schemas.yaml')

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
ajv.addSchema({ $id: 'kubernetes', $defs: served.$defs }).addSchema({ $id: 'operators', $defs: customKinds.$defs })

function schemaOf(kind: string): string | undefined {
  for (const [id, { kinds }] of [
    ['kubernetes', served],
    ['operators', customKinds],
  ] as const) {
    if (kinds[kind] !== undefined) return `${id}#/$defs/${kinds[kind]}`
  }
  return undefined
}

/** One line for each violation; empty when the object is valid. */
export function problemsOf(object: Manifest): readonly string[] {
  const schema = schemaOf(`${object.apiVersion}/${object.kind}`)
  if (schema === undefined) return [`no schema of ${object.apiVersion}/${object.kind}`]
  if (ajv.validate(schema, object)) return []
  return (ajv.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}
