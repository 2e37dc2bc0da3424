/** What the series in a store cost: by resource, family, label and namespace. */

import type { FamilyText } from '../encoding/family-text.ts'
import { createFamilyText } from '../encoding/family-text.ts'
import { LineWriter, lineBound } from '../encoding/line-writer.ts'
import { RowCursor } from '../rows/block.ts'
import type { LimitStatus } from '../store/limit-scope.ts'
import type { Store } from '../store/store.ts'
import type { LabelCost } from './label-tally.ts'
import { LabelTally } from './label-tally.ts'

interface Cost {
  series: number
  /** Series that limits withhold; not among `series`. */
  withheld: number
  /** Bytes of the lines of the series on a page, uncompressed and without HELP and TYPE. */
  bytes: number
}

interface ObjectCost extends Cost {
  objects: number
}

export interface ResourceCost extends ObjectCost {
  readonly resource: string
  /** Bytes of the row blocks. */
  memory: number
}

export interface FamilyCost extends Cost {
  readonly family: string
  /** The resources that feed it. */
  readonly resources: readonly string[]
}

export interface NamespaceCost extends ObjectCost {
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
}

/** All lists begin with what has most series; labels with those that have most values. */
export interface Cardinality {
  readonly total: Omit<ResourceCost, 'resource'>
  readonly limits: readonly LimitStatus[]
  readonly resources: readonly ResourceCost[]
  readonly families: readonly FamilyCost[]
  readonly labels: readonly LabelCost[]
  readonly namespaces: readonly NamespaceCost[]
}

export interface SurveyOptions {
  /** The name of a resource, by its number in the registry. */
  readonly nameOf: (resource: number) => string
  /** Rows that a step reads, more only for the last object of the step. */
  readonly perStep: number
}

type Layout = Store['registry']['layouts'][number]

/** Reads all blocks in steps; the store may change between them. Objects that come during the survey are left out. */
export function* surveyCardinality(
  store: Store,
  { nameOf, perStep }: SurveyOptions,
): Generator<void, Cardinality, unknown> {
  const survey = createSurvey(store)
  for (const layout of store.registry.layouts) yield* survey.read(layout, nameOf(layout.id), perStep)
  return survey.result()
}

function createSurvey(store: Store) {
  const { registry } = store
  const cursor = new RowCursor(registry.shared)
  const texts = new Map<number, FamilyText>()
  const labels = new LabelTally()
  const resources: ResourceCost[] = []
  const families = new Map<string, FamilyCost & { readonly resources: string[] }>()
  const namespaces = new Map<string, NamespaceCost>()
  const lines = new LineWriter()
  let line = Buffer.alloc(4096)

  const textOf = (family: number): FamilyText => {
    const text = texts.get(family) ?? createFamilyText(registry.family(family), 'text')
    texts.set(family, text)
    return text
  }
  const lineLength = (): number => {
    const text = textOf(cursor.family)
    const bound = lineBound(cursor, text)
    if (bound > line.length) line = Buffer.alloc(2 * bound)
    return lines.write(cursor, text, line, 0)
  }
  const familyCost = (resource: string): FamilyCost => {
    const { name } = registry.family(cursor.family)
    const known = families.get(name) ?? { family: name, resources: [], ...noCost }
    families.set(name, known)
    if (!known.resources.includes(resource)) known.resources.push(resource)
    return known
  }
  const namespaceCost = (namespace: string): NamespaceCost => {
    const known = namespaces.get(namespace) ?? { namespace, objects: 0, ...noCost }
    namespaces.set(namespace, known)
    return known
  }
  /** Adds the rows of the open block to the costs, and returns how many there are. */
  const readRows = (resource: string, of: readonly Cost[]): number => {
    let rows = 0
    let family: FamilyCost | undefined
    let familyNumber = -1
    for (; cursor.next(); rows++) {
      if (family === undefined || cursor.family !== familyNumber) family = familyCost(resource)
      familyNumber = cursor.family
      if (cursor.withheld) {
        family.withheld++
        for (const cost of of) cost.withheld++
        continue
      }
      const bytes = lineLength()
      labels.add(cursor)
      addSeries(family, bytes)
      for (const cost of of) addSeries(cost, bytes)
    }
    return rows
  }

  return {
    *read({ id }: Layout, name: string, perStep: number): Generator<void, void> {
      const resource: ResourceCost = { resource: name, objects: 0, ...noCost, memory: 0 }
      resources.push(resource)
      const reader = store.reader(id)
      const slots = reader.slots()
      const births = slots.map(reader.birth)
      let rows = 0
      for (const [i, slot] of slots.entries()) {
        if (reader.birth(slot) !== births[i]) continue
        const namespace = namespaceCost(reader.namespace(slot))
        resource.objects++
        namespace.objects++
        cursor.openAll(reader.bytes(slot), reader.offset(slot))
        resource.memory += reader.length(slot)
        rows += 1 + readRows(name, [resource, namespace])
        if (rows < perStep) continue
        rows = 0
        yield
      }
    },
    result: (): Cardinality => ({
      total: resources.reduce(addUp, { objects: 0, ...noCost, memory: 0 }),
      limits: store.limits(),
      resources: bySeries(resources, ({ resource }) => resource),
      families: bySeries([...families.values()], ({ family }) => family),
      labels: labels.costs().sort((a, b) => b.values - a.values || b.series - a.series || compare(a.label, b.label)),
      namespaces: bySeries([...namespaces.values()], ({ namespace }) => namespace),
    }),
  }
}

const noCost: Readonly<Cost> = { series: 0, withheld: 0, bytes: 0 }

function addSeries(cost: Cost, bytes: number): void {
  cost.series++
  cost.bytes += bytes
}

function addUp(sum: Cardinality['total'], cost: ResourceCost): Cardinality['total'] {
  return {
    objects: sum.objects + cost.objects,
    series: sum.series + cost.series,
    withheld: sum.withheld + cost.withheld,
    bytes: sum.bytes + cost.bytes,
    memory: sum.memory + cost.memory,
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : 1)

function bySeries<C extends Cost>(costs: readonly C[], nameOf: (cost: C) => string): C[] {
  const wanted = ({ series, withheld }: Cost) => series + withheld
  return [...costs].sort((a, b) => b.series - a.series || wanted(b) - wanted(a) || compare(nameOf(a), nameOf(b)))
}
