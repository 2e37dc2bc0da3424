/** JSON values as decoders yield them: integers beyond 2^53 are bigint, and null is as good as absent. */

/** A JSON object. Its keys come from the cluster: read them with `memberOf`. */
export type JsonMap = Readonly<Record<string, unknown>>

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a key of the object itself; undefined for what it only inherits. */
export function memberOf(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/** The type of a value in messages. */
export function describeType(value: unknown): string {
  if (value == null) return 'null'
  if (isList(value)) return 'a list'
  if (isMap(value)) return 'an object'
  return typeof value === 'bigint' ? 'a number' : `a ${typeof value}`
}
