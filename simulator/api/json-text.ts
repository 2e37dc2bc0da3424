/** Owns JSON as Go's encoder writes it: big integers in full, and HTML's special characters escaped. */

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
const digits = (_key: string, value: unknown) => (typeof value === 'bigint' ? rawJson(String(value)) : value)
const special = /[<>&\u2028\u2029]/g
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The bytes of a value's JSON; integers may be bigint. */
export function jsonBytes(value: unknown): Uint8Array {
  const text = stringify(value)
  return Buffer.from(text.replace(special, escaped))
}

/** The replacer costs much and few objects hold a bigint, so it is the second attempt. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return JSON.stringify(value, digits)
  }
}
