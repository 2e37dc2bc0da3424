/** The address family of textual IP addresses, as Go's netip parses them. */

const decimalByte = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])'
const ipv4Pattern = new RegExp(`^${decimalByte}(?:\\.${decimalByte}){3}$`)
const groupPattern = /^[0-9a-fA-F]{1,4}$/

/**
 * 4 for IPv4 and for IPv4-mapped IPv6 (`::ffff:10.0.0.9`), 6 for other IPv6 with or without a zone (`fe80::1%eth0`).
 * Undefined for anything else, including IPv4 with leading zeros (`010.0.0.1`).
 */
export function ipFamily(text: string): 4 | 6 | undefined {
  if (ipv4Pattern.test(text)) return 4
  const zoneAt = text.indexOf('%')
  if (zoneAt === text.length - 1) return undefined
  const groups = parseGroups(zoneAt < 0 ? text : text.slice(0, zoneAt))
  if (groups === undefined) return undefined
  return isMapped(groups) ? 4 : 6
}

/** The eight groups of an IPv6 address. */
function parseGroups(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = '', tail] = halves
  const last = tail ?? head
  const before = parseHalf(head, tail === undefined)
  const after = tail === undefined ? [] : parseHalf(last, true)
  if (before === undefined || after === undefined) return undefined
  const missing = 8 - before.length - after.length
  // A double colon stands for at least one group.
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  return [...before, ...new Array<number>(missing).fill(0), ...after]
}

/** The groups on one side of a double colon; the last two may be written as IPv4, but only at the end of an address. */
function parseHalf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (groupPattern.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else if (isEnd && index === parts.length - 1 && ipv4Pattern.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      groups.push(a * 256 + b, c * 256 + d)
    } else {
      return undefined
    }
  }
  return groups
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
}
