/** Reads manifests (YAML or JSON) from files, folders and standard input, and splits them into objects. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { parseAllDocuments } from 'yaml'

/** A Kubernetes object as in the manifest, and its source. */
export interface Manifest {
  readonly source: string
  readonly apiVersion: string
  readonly kind: string
  readonly value: object
}

/** A manifest cannot be read. The message is one line with the file and the reason. */
export class ManifestError extends Error {}

type Parsed = Extract<ReturnType<typeof parseAllDocuments>, readonly unknown[]>[number]

const standardInputPath = '-'
const extensions = /\.(ya?ml|json)$/i

/**
 * Reads each path in the given order; for a folder its YAML and JSON files, ordered by name. `-` is standard input,
 * which is read once. Rejects with ManifestError.
 */
export async function readManifests(
  paths: readonly string[],
  standardInput: () => AsyncIterable<Uint8Array>,
): Promise<Manifest[]> {
  const texts = new Map<string, string>()
  for (const path of paths.flatMap(filesOf)) {
    if (!texts.has(path)) texts.set(path, await readText(path, standardInput))
  }
  return [...texts].flatMap(([path, text]) => parseManifests(text, describe(path)))
}

/** Splits a text into its objects, including the items of Lists; empty documents are skipped. Integers keep all digits. */
export function parseManifests(text: string, source: string): Manifest[] {
  const documents = parseAllDocuments(text, { intAsBigInt: true, uniqueKeys: false, logLevel: 'error' })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new ManifestError(`${source}: not valid YAML: ${firstLine(error.message)}`)
    return objectsOf(contentOf(document, source), source)
  })
}

function contentOf(document: Parsed, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch (error) {
    throw new ManifestError(`${source}: not valid YAML: ${firstLine(String((error as Error).message))}`)
  }
}

function objectsOf(value: unknown, source: string): Manifest[] {
  if (value === null || value === undefined) return []
  const { apiVersion, kind, items } = value as Record<string, unknown>
  if (typeof value !== 'object' || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new ManifestError(`${source}: not a Kubernetes object: apiVersion and kind are missing`)
  }
  if (!kind.endsWith('List') || !(Array.isArray(items) || items === null)) return [{ source, apiVersion, kind, value }]
  const itemKind = kind.slice(0, -'List'.length)
  return (items ?? []).flatMap((item: unknown) =>
    itemKind === '' ? objectsOf(item, source) : objectsOf({ apiVersion, kind: itemKind, ...(item as object) }, source),
  )
}

function filesOf(path: string): string[] {
  if (path === standardInputPath) return [path]
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter((name) => extensions.test(name))
    if (names.length === 0)
      throw new ManifestError(`${path} holds no .yaml, .yml or .json file (folders in it are not read)`)
    return names.sort().map((name) => join(path, name))
  } catch (error) {
    if (error instanceof ManifestError) throw error
    throw new ManifestError(`cannot read ${path}: ${reason(error)}`)
  }
}

/** A pipe may be empty for a while, so standard input is read as a stream: `readFileSync(0)` fails with EAGAIN then. */
async function readText(path: string, standardInput: () => AsyncIterable<Uint8Array>): Promise<string> {
  try {
    return path === standardInputPath ? await readAll(standardInput()) : readFileSync(path, 'utf8')
  } catch (error) {
    throw new ManifestError(`cannot read ${describe(path)}: ${reason(error)}`)
  }
}

const describe = (path: string) => (path === standardInputPath ? 'standard input' : path)
const firstLine = (text: string) => (text.split('\n')[0] as string).replace(/:$/, '')

const reasons: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}
