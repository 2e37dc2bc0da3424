/**
 * The label values and units of compute resource names (`cpu`, `hugepages-1Gi`, `example.org/gpu`), without quantities.
 */

/** The `unit` label of a resource. */
export type ResourceUnit = 'core' | 'byte' | 'integer'

const byteNames: readonly string[] = ['memory', 'storage', 'ephemeral-storage']

/** The `resource` label: every character except letters, digits and `_` becomes `_`; case is kept (`hugepages_1Gi`). */
export function sanitizeResourceName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/gu, '_')
}

/**
 * The units in which a resource of a container or pod is reported, one sample for each; none for unknown names.
 * A huge page or attachable volume whose name has a slash is reported in bytes and also as an extended resource.
 * (`pods` is not included; nodes report it as `integer`.)
 */
export function resourceUnits(name: string): readonly ResourceUnit[] {
  if (name === 'cpu') return ['core']
  if (byteNames.includes(name)) return ['byte']
  const units: ResourceUnit[] = []
  if (name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) units.push('byte')
  if (isExtendedResource(name)) units.push('integer')
  return units
}

/** Whether the name is an extended resource: qualified by a domain other than those of Kubernetes. */
export function isExtendedResource(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false
  return isQualifiedName(`requests.${name}`)
}

/** The Kubernetes syntax of keys: an optional DNS subdomain and a slash, then up to 63 letters, digits, `-`, `_`, `.`. */
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
