/** JSON as Go encodes it: integers with all digits, and HTML characters escaped. */

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
const digits = (_key: string, value: unknown) => (typeof value === 'bigint' ? rawJson(String(value)) : value)
const special = /[<>&\u2028\u2029]/g
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The bytes of a value's JSON; integers may be bigint. */
export function jsonBytes(value: unknown): Uint8Array {
  const text = stringify(value)
  return Buffer.from(text.replace(special, escaped))
}

/** The replacer is slow and few objects have a bigint, so it is only used after a failure. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify(value, digits)
  }
}
