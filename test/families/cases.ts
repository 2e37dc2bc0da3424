/** Reads the conformance cases that need nothing but families: objects, selection, and what KSM printed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { AnyResource } from '../../src/families/family.ts'
import type { FamilySelection } from '../../src/selection/create-plan.ts'

export interface FamilyCase {
  readonly name: string
  readonly documents: readonly Document[]
  readonly selection: FamilySelection
  /** The lines of the `.prom` file. */
  readonly expected: readonly string[]
}

/** An object as the YAML has it, not decoded. */
export interface Document {
  readonly apiVersion?: string
  readonly kind?: string
  readonly items?: readonly Document[]
}

const casesDirectory = new URL('../conformance/cases/', import.meta.url)

/** The flags that select families and label keys. Cases with others (scopes, shards, files) need the whole program. */
const familyFlags = [
  'resources',
  'metric-allowlist',
  'metric-denylist',
  'metric-opt-in-list',
  'metric-labels-allowlist',
  'metric-annotations-allowlist',
]

/** The cases of a resource whose flags select families only. */
export function readFamilyCases(plural: string): FamilyCase[] {
  const directory = new URL(`${plural}/`, casesDirectory)
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((file) => file.endsWith('.yaml'))
  return names.flatMap((file) => {
    const name = file.slice(0, -'.yaml'.length)
    const read = (extension: string) => readFileSync(new URL(`${name}.${extension}`, directory), 'utf8')
    const flags = readFlags(read('args'))
    if (![...flags.keys()].every((flag) => familyFlags.includes(flag))) return []
    const expected = read('prom').trimEnd().split('\n')
    return [{ name, documents: readDocuments(read('yaml')), selection: selectionOf(flags), expected }]
  })
}

/** Whether a document is an object of the resource. */
export function isOfKind({ apiVersion, kind }: Document, resource: AnyResource): boolean {
  return apiVersion === resource.apiVersion && kind === resource.kind
}

function readDocuments(text: string): Document[] {
  const documents = parseAllDocuments(text, { intAsBigInt: true }).map((document) => document.toJS() as Document)
  return documents.flatMap((document) => (document.kind === 'List' ? (document.items ?? []) : [document]))
}

function readFlags(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => [line.slice(2, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

function selectionOf(flags: ReadonlyMap<string, string>): FamilySelection {
  const list = (flag: string) => flags.get(flag)?.split(',') ?? []
  return {
    resources: flags.has('resources') ? list('resources') : undefined,
    metricAllowlist: list('metric-allowlist'),
    metricDenylist: list('metric-denylist'),
    metricOptInList: list('metric-opt-in-list'),
    labelsAllowList: keyLists(flags.get('metric-labels-allowlist') ?? ''),
    annotationsAllowList: keyLists(flags.get('metric-annotations-allowlist') ?? ''),
  }
}

/** Reads `pods=[a,b],nodes=[*]`. */
function keyLists(text: string): Map<string, string[]> {
  const entries = [...text.matchAll(/([^,=[\]]+)=\[([^\]]*)\]/g)]
  return new Map(entries.map(([, resource = '', keys = '']) => [resource, keys.split(',')]))
}
