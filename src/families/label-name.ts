/** Label names for the keys of Kubernetes labels and annotations, and the order of the keys. */

/** Replaces each character that is invalid in a Prometheus label name with `_`; one above U+FFFF counts as one character. */
export function sanitizeLabelName(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/gu, '_')
}

/** Orders keys by their UTF-8 bytes, as Go does. UTF-16 order differs only above U+FFFF. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = utf8Rank(left.charCodeAt(at)) - utf8Rank(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Surrogates encode code points above U+FFFF, but are below U+E000. */
function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
