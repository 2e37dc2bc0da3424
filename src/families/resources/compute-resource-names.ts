/**
 * Names of compute resources (`cpu`, `hugepages-1Gi`, `example.org/gpu`): owns how they become label values and which
 * unit they have, and refuses quantities.
 */

/** The `unit` label of a resource. */
export type ResourceUnit = 'core' | 'byte' | 'integer'

const byteNames: readonly string[] = ['memory', 'storage', 'ephemeral-storage']

/** The `resource` label: what is not a letter, digit or `_` becomes `_`, and case stays (`hugepages_1Gi`). */
export function sanitizeResourceName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/gu, '_')
}

/**
 * The units under which a resource of a container or pod is printed, one sample for each; none for unknown names.
 * A huge page or attachable volume whose name has a slash counts in bytes and as an extended resource too.
 * (`pods` is not among them; nodes print it as `integer`.)
 */
export function resourceUnits(name: string): readonly ResourceUnit[] {
  if (name === 'cpu') return ['core']
  if (byteNames.includes(name)) return ['byte']
  const units: ResourceUnit[] = []
  if (name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) units.push('byte')
  if (isExtendedResource(name)) units.push('integer')
  return units
}

/** Whether a device plugin or the like may own the name: qualified by a domain other than Kubernetes' own. */
export function isExtendedResource(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false
  return isQualifiedName(`requests.${name}`)
}

/** Kubernetes' rule for keys: an optional DNS subdomain and a slash, then up to 63 letters, digits, `-`, `_`, `.`. */
function isQualifiedName(text: string): boolean {
  const parts = text.split('/')
  if (parts.length > 2) return false
  const [name = '', domain] = parts.reverse()
  if (domain !== undefined && !isSubdomain(domain)) return false
  return name.length <= 63 && /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part))
}
