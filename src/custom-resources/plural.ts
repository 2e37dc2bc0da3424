/** The most likely plural name of a kind, if it is not configured. */

/** `Policy` is `policies`, `Ingress` is `ingresses`, `Gateway` is `gateways`. */
export function guessPlural(kind: string): string {
  const name = kind.toLowerCase()
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`
}
