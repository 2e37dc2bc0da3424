/** The model of limits: which lines of all objects are admitted, computed from nothing but the objects. */
import type { SeriesLimits } from '../../src/store/limit-scope.ts'
import type { ModelObject } from './model-ledger.ts'
import type { Line } from './universe.ts'
import { createdAt, familyOf, resources } from './universe.ts'

type Lines = ReadonlyMap<ModelObject, readonly Line[]>

function isBefore(a: ModelObject, b: ModelObject): boolean {
  const [createdA, createdB] = [createdAt(a.uid), createdAt(b.uid)]
  if (createdA !== createdB) return createdA < createdB
  if (a.uid !== b.uid) return a.uid < b.uid
  return pluralOf(a) < pluralOf(b)
}

const pluralOf = ({ resource }: ModelObject) => resources[resource]?.plural as string
const oldestFirst = (objects: Iterable<ModelObject>) => [...objects].sort((a, b) => (isBefore(a, b) ? -1 : 1))

/** Those of the lines that a limit applies to, of the oldest objects until the first that does not fit. */
function admit(lines: Lines, max: number, applies: (line: Line, object: ModelObject) => boolean): Lines {
  if (max === 0) return lines
  let left = max
  return new Map(
    oldestFirst(lines.keys()).map((object) => {
      const all = lines.get(object) as readonly Line[]
      const wanted = all.filter((line) => applies(line, object)).length
      if (wanted === 0) return [object, all]
      left -= wanted <= left ? wanted : left + 1
      return [object, left < 0 ? all.filter((line) => !applies(line, object)) : all]
    }),
  )
}

/** The lines that are admitted of each object. */
export function admittedLines(objects: Iterable<ModelObject>, limits: SeriesLimits): Lines {
  const { series, perResource, perFamily } = limits
  const limitOf = (map: ReadonlyMap<string, number>, name: string) => map.get(name) ?? map.get('*') ?? 0
  let lines: Lines = new Map([...objects].map((object) => [object, object.all]))
  for (const { name } of resources.flatMap(({ families }) => families)) {
    lines = admit(lines, limitOf(perFamily, name), (line) => familyOf(line) === name)
  }
  for (const { plural } of resources) {
    lines = admit(lines, limitOf(perResource, plural), (_line, object) => pluralOf(object) === plural)
  }
  return admit(lines, series, () => true)
}

/** All objects whose lines are to change, oldest first, with the lines that they are to have. */
export function movedObjects(objects: Iterable<ModelObject>, limits: SeriesLimits): [ModelObject, readonly Line[]][] {
  const admitted = admittedLines(objects, limits)
  return oldestFirst(admitted.keys())
    .map((object): [ModelObject, readonly Line[]] => [object, admitted.get(object) as readonly Line[]])
    .filter(([object, lines]) => String(lines) !== String(object.lines))
}
