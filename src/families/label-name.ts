/** Label names made from the keys of Kubernetes objects, and the order of such keys. */

/** Every character that Prometheus does not take in a label name becomes `_`; one beyond U+FFFF is one character. */
export function sanitizeLabelName(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/gu, '_')
}

/** Orders keys by their UTF-8 bytes, as Go does; UTF-16 differs from it beyond U+FFFF only. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = utf8Rank(left.charCodeAt(at)) - utf8Rank(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Surrogates stand for code points above all others, but their units are below U+E000. */
function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
