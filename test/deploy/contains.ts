/**
 * Whether a value that was parsed from YAML has everything that `expected` has: the members of an object, and for each
 * item of a list an item that has it.
 */
export function contains(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected))
    return Array.isArray(actual) && expected.every((item) => actual.some((candidate) => contains(candidate, item)))
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected)
  if (typeof actual !== 'object' || actual === null) return false
  return Object.entries(expected).every(([key, value]) => contains((actual as Record<string, unknown>)[key], value))
}
