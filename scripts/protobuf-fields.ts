/**
 * Writes test/schemas/protobuf-fields.txt: number, name and type of every field of the messages that built-in resources
 * consist of, from the generated.proto files of the published Go modules. Needs Go.
 *
 *     node scripts/run.js scripts/protobuf-fields.ts v0.36.3
 */
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resources } from '../src/families/built-in-resources.ts'
import { messageNameOf } from '../test/schemas/protobuf-fields.ts'

const output = join(import.meta.dirname, '../test/schemas/protobuf-fields.txt')

/** What is decoded beside the resources: definitions, lists, watch events, bookmarks, refusals, and the envelope around them. */
const wireMessages = [
  'k8s.io.apimachinery.pkg.apis.meta.v1.ListMeta',
  'k8s.io.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata',
  'k8s.io.apimachinery.pkg.apis.meta.v1.Status',
  'k8s.io.apimachinery.pkg.apis.meta.v1.WatchEvent',
  'k8s.io.apimachinery.pkg.runtime.Unknown',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
]

interface ProtoField {
  readonly number: number
  readonly name: string
  readonly label: string
  readonly type: string
}

const [, , version = 'v0.36.3'] = process.argv
const messages = new Map<string, readonly ProtoField[]>()
for (const module of ['k8s.io/api', 'k8s.io/apimachinery', 'k8s.io/apiextensions-apiserver']) {
  const folder = downloadModule(`${module}@${version}`)
  for (const file of globSync('**/generated.proto', { cwd: folder }))
    readProto(readFileSync(join(folder, file), 'utf8'))
}
const wanted = reachable([...resources.map(messageNameOf), ...wireMessages])
const lines = [
  `# k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver ${version}; written by scripts/protobuf-fields.ts`,
]
for (const name of wanted.sort()) {
  lines.push(name)
  for (const { number, name: field, label, type } of messages.get(name) ?? []) {
    lines.push(`  ${number} ${field} ${label} ${type}`)
  }
}
writeFileSync(output, `${lines.join('\n')}\n`)

function downloadModule(module: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' })
  return (JSON.parse(answer) as { Dir: string }).Dir
}

/** The files are generated, so their form is always the same: one field a line, no nested messages. */
function readProto(text: string): void {
  const packageName = /^package (\S+);/m.exec(text)?.[1]
  for (const [, name, body = ''] of text.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)) {
    const fields = body.matchAll(/^ {2}(optional|repeated|required)? ?(map<.*>|\S+) (\w+) = (\d+);/gm)
    messages.set(
      `${packageName}.${name}`,
      [...fields].map(([, label, type = '', field = '', number]) => ({
        number: Number(number),
        name: field,
        label: label ?? 'map',
        type: valueTypeOf(type, `${packageName}`),
      })),
    )
  }
}

/** A scalar, or the full name of a message; for a map, that of its values. */
function valueTypeOf(type: string, packageName: string): string {
  const value = /^map<string, (.*)>$/.exec(type)?.[1] ?? type
  if (value.startsWith('.')) return value.slice(1)
  return /^[a-z0-9]+$/.test(value) ? value : value.includes('.') ? value : `${packageName}.${value}`
}

function reachable(roots: readonly string[]): string[] {
  const found = new Set<string>()
  const visit = (name: string): void => {
    const fields = messages.get(name)
    if (found.has(name)) return
    if (fields === undefined) throw new Error(`no generated.proto of ${version} has the message ${name}`)
    found.add(name)
    for (const { type } of fields) if (type.includes('.')) visit(type)
  }
  for (const root of roots) visit(root)
  return [...found]
}
