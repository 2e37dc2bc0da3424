/**
 * Label names for the keys of Kubernetes labels, annotations and node selectors: sanitized, and numbered if they conflict.
 */

import { sanitizeLabelName } from '../families/label-name.ts'

/** A cluster has a few hundred keys, each on thousands of objects; the bounds limit memory if keys are generated. */
const maxRemembered = 10_000
/** Longer than any key of a label: the maximum is a domain of 253, a slash and 63 characters. */
const longestRemembered = 512
const remembered = new Map<string, string>()

/** `toLabelName('label', 'app.kubernetes.io/partOf')` is `label_app_kubernetes_io_part_of`. */
export function toLabelName(prefix: string, key: string): string {
  const raw = `${prefix}_${key}`
  let name = remembered.get(raw)
  if (name === undefined) {
    if (remembered.size === maxRemembered) remembered.clear()
    name = snakeCase(prefix, key)
    if (raw.length > longestRemembered) return name
    remembered.set(raw, name)
  }
  return name
}

function snakeCase(prefix: string, key: string): string {
  const snake = sanitizeLabelName(key).replace(/([a-z0-9])([A-Z])/g, '$1_$2')
  return `${prefix}_${snake.toLowerCase()}`
}

/**
 * The label names of keys, which must be in the order of `compareKeys`. If names conflict, the first becomes `_conflict1`,
 * the next `_conflict2` and so on; a suffixed name that is already used is skipped.
 */
export function toLabelNames(prefix: string, keys: readonly string[]): string[] {
  const names = keys.map((key) => toLabelName(prefix, key))
  return new Set(names).size === names.length ? names : numberClashes(names)
}

function numberClashes(clashing: readonly string[]): string[] {
  const names: string[] = []
  const places = new Map<string, number>()
  const conflicts = new Map<string, number>()
  const place = (name: string, index: number): void => {
    names[index] = name
    places.set(name, index)
  }
  const nextName = (name: string): string => {
    let count = conflicts.get(name) ?? 0
    do count++
    while (places.has(`${name}_conflict${count}`))
    conflicts.set(name, count)
    return `${name}_conflict${count}`
  }
  for (const [index, name] of clashing.entries()) {
    const earlier = places.get(name)
    if (earlier !== undefined && !conflicts.has(name)) {
      const renamed = nextName(name)
      places.delete(name)
      place(renamed, earlier)
    }
    place(conflicts.has(name) ? nextName(name) : name, index)
  }
  return names
}
