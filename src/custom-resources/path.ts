/** Paths into custom resources, compiled when the configuration is read: `[spec, list, "-1"]`, `[status, conditions, "[type=Ready]"]`. */

import { isList, isMap, memberOf } from './json-value.ts'
import { toNumber } from './number-conversion.ts'

/** What a path names, from the outermost on. */
export interface PathParts {
  readonly parts: readonly string[]
}

/** A compiled path. */
export interface Path extends PathParts {
  /** The value at the end of the path; undefined or null where it is not there. */
  get(value: unknown): unknown
}

/** A path that is not one: the part that is wrong and what would be right. */
export class PathError extends Error {}

type Step = (value: unknown) => unknown

/** Compiles a path. Throws PathError. */
export function compilePath(parts: readonly string[]): Path {
  const steps = parts.map(compileStep)
  return {
    parts,
    get(value) {
      let at = value
      for (let i = 0; i < steps.length; i++) {
        if (at == null) return undefined
        at = (steps[i] as Step)(at)
      }
      return at
    },
  }
}

/** A path as messages show it. */
export function describePath(parts: readonly string[]): string {
  return `[${parts.join(', ')}]`
}

function compileStep(part: string): Step {
  return isLookup(part) ? compileLookup(part) : compileMember(part)
}

const isLookup = (part: string) => part.startsWith('[') && part.endsWith(']') && part.length > 1

/** `[key=value]`: the first object of a list whose key has the value, compared as text, as a number, as a boolean. */
function compileLookup(part: string): Step {
  const condition = part.slice(1, -1)
  const equals = condition.indexOf('=')
  if (equals < 0) throw new PathError(`expected a lookup of the form [key=value], got "${part}"`)
  const key = condition.slice(0, equals)
  const matches = compileComparison(condition.slice(equals + 1))
  return (list) => {
    if (!isList(list)) return undefined
    for (const element of list) {
      if (isMap(element) && Object.hasOwn(element, key) && matches(element[key])) return element
    }
    return undefined
  }
}

/** The booleans of Go's strconv.ParseBool. */
const booleans = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
])

function compileComparison(wanted: string): (candidate: unknown) => boolean {
  const number = toNumber(wanted)
  const boolean = booleans.get(wanted)
  return (candidate) => {
    if (candidate === wanted) return true
    if (number !== undefined && toNumber(candidate) === number) return true
    return boolean !== undefined && candidate === boolean
  }
}

/** A key of an object, or an index of a list; `key=value` yields the value where the key has it. */
function compileMember(part: string): Step {
  const pair = part.split('=')
  const [key, wanted] = pair.length === 2 ? pair : []
  const index = /^[+-]?\d+$/.test(part) ? Number(part) : undefined
  return (value) => {
    if (isList(value)) return index === undefined ? undefined : value[index < 0 ? value.length + index : index]
    if (!isMap(value)) return undefined
    if (key !== undefined && memberOf(value, key) === wanted) return wanted
    return memberOf(value, part)
  }
}
