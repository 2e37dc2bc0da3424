/** Every family against what KSM printed for the same objects, case by case. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../src/api/object-meta.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { resources } from '../../src/families/resources.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import type { FamilySelection } from '../../src/selection/create-plan.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import { sampleLines, typeLines } from './observe.ts'

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

interface Document {
  readonly apiVersion?: string
  readonly kind?: string
  readonly items?: readonly Document[]
}

const decoders = new Map(resources.map((resource) => [resource, compileJsonDecoder<KubernetesObject>(resource.schema)]))

for (const { plural } of resources) {
  const directory = new URL(`${plural}/`, casesDirectory)
  const files = existsSync(directory) ? readdirSync(directory) : []
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length))
  describe(plural, () => {
    test('has a case', () => expect(names).not.toEqual([]))
    for (const name of names) {
      const flags = readFlags(readFileSync(new URL(`${name}.args`, directory), 'utf8'))
      if (![...flags.keys()].every((flag) => familyFlags.includes(flag))) continue
      test(name, () => {
        const expected = readFileSync(new URL(`${name}.prom`, directory), 'utf8')
          .trimEnd()
          .split('\n')
        const documents = readDocuments(readFileSync(new URL(`${name}.yaml`, directory), 'utf8'))
        expect(render(documents, selectionOf(flags)).sort()).toEqual(expected.sort())
      })
    }
  })
}

function render(documents: readonly Document[], selection: FamilySelection): string[] {
  return createPlan(resources, selection).flatMap((plan) => {
    const decode = decoders.get(plan.resource)
    if (decode === undefined) throw new Error(`no decoder for ${plan.resource.plural}`)
    const objects = documents.filter((document) => isOfKind(document, plan.resource)).map(decode)
    if (objects.length === 0) return []
    return [...typeLines(plan), ...objects.flatMap((object) => sampleLines(plan, object))]
  })
}

const isOfKind = ({ apiVersion, kind }: Document, resource: AnyResource) =>
  apiVersion === resource.apiVersion && kind === resource.kind

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
