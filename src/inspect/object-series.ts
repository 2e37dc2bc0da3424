/**
 * Maps objects to their series under a selection, and series to their objects, for comparisons from outside the program.
 */

import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import { createBlockWriter } from '../rows/block-writer.ts'
import { createLayout } from '../rows/layout.ts'
import { createRegistry } from '../rows/registry.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import { createPlan } from '../selection/create-plan.ts'
import type { RenderSelection } from './render.ts'
import { createSelectionTest, render } from './render.ts'

/** An object in its JSON form, with the plural name of its resource. */
export interface PlacedObject {
  readonly plural: string
  readonly value: object
}

export interface ObjectSeries {
  /** An opaque text that is equal for equal series and values; empty if the object has no selected series. */
  fingerprint(object: PlacedObject): string
  /** The `objectKey` of the object of a series; undefined if its resource is not selected. */
  ownerOf(metric: string, label: (name: string) => string | undefined): string | undefined
}

/** A key for an object: `pods shop/web-0`, `nodes worker-1`. */
export const objectKey = (plural: string, namespace: string, name: string): string =>
  `${plural} ${namespace === '' ? name : `${namespace}/${name}`}`

export function createObjectSeries(selection: RenderSelection): ObjectSeries {
  const registry = createRegistry()
  const plan = createPlan(resources, selection)
  const readers = new Map(
    plan.map((resourcePlan) => {
      const { resource } = resourcePlan
      const decode = compileJsonDecoder<KubernetesObject>(resource.schema)
      const isSelected = createSelectionTest(resource, selection)
      const writer = createBlockWriter(createLayout(resourcePlan, registry), () => {})
      const fingerprint = (value: object) => {
        const object = decode(value)
        if (!isSelected(object)) return ''
        const { bytes, length, rows } = writer.write(object)
        return rows === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1')
      }
      return [resource.plural, fingerprint] as const
    }),
  )
  const owners = new Map(
    plan.flatMap(({ resource, families }) => {
      const owner = { plural: resource.plural, ...identifyingLabels(resource) }
      return families.map(({ name }) => [name, owner] as const)
    }),
  )
  return {
    fingerprint: ({ plural, value }) => readers.get(plural)?.(value) ?? '',
    ownerOf(metric, label) {
      const owner = owners.get(metric)
      const name = owner && label(owner.nameLabel)
      if (owner === undefined || name === undefined) return undefined
      return objectKey(
        owner.plural,
        owner.namespaceLabel === undefined ? '' : (label(owner.namespaceLabel) ?? ''),
        name,
      )
    },
  }
}

/** The labels with name and namespace, determined from the identity of a known object. */
function identifyingLabels({ identity, namespaced }: AnyResource) {
  const probe = { metadata: { name: 'the name', namespace: 'the namespace', uid: 'the uid' } }
  const labelOf = (text: string) => Object.keys(identity).find((label) => identity[label]?.(probe) === text)
  const nameLabel = labelOf(probe.metadata.name) ?? 'name'
  return { nameLabel, namespaceLabel: namespaced ? (labelOf(probe.metadata.namespace) ?? 'namespace') : undefined }
}

/** Is called with the text of a series and its value. */
export type SeriesVisitor = (series: string, value: number) => void

/** Calls `visit` for each series of the objects as on `/metrics`, duplicates included. Keeps none of them. */
export function visitExpected(selection: RenderSelection, objects: Iterable<PlacedObject>, visit: SeriesVisitor): void {
  const kinds = new Map(resources.map((resource) => [resource.plural, resource]))
  const manifests = [...objects].flatMap(({ plural, value }) => {
    const resource = kinds.get(plural)
    if (resource === undefined) return []
    return [{ source: plural, apiVersion: resource.apiVersion, kind: resource.kind, value }]
  })
  const reader = createPageReader(visit)
  for (const slice of render({ selection, manifests, onProblem: () => {} })) reader.add(slice)
  reader.end()
}

/** Reads a `/metrics` page in parts of any size, so that it never is in memory as a whole. */
export interface PageReader {
  add(part: Uint8Array): void
  /** Reads what follows the last line feed. */
  end(): void
}

/** Calls `visit` for each series of the page, duplicates included. */
export function createPageReader(visit: SeriesVisitor): PageReader {
  const decoder = new TextDecoder()
  let rest = ''
  const read = (line: string) => {
    if (line === '' || line.startsWith('#')) return
    const end = line.lastIndexOf(' ')
    visit(line.slice(0, end), parseValue(line.slice(end + 1)))
  }
  return {
    add(part) {
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(read)
    },
    end() {
      read(rest + decoder.decode())
    },
  }
}

const infinities = new Map([
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
])

const parseValue = (text: string): number => infinities.get(text) ?? Number(text)
