/** The objects of one resource: by UID, by name, and in a dense list. */

import type { Slots } from './slots.ts'

export interface ObjectTable {
  /** The slots of the objects; a removal moves the last one to the free position. */
  readonly live: readonly number[]
  /** Number of rows of all objects, maintained by the store. */
  series: number
  /** Whether the initial list of the resource is complete. */
  synced: boolean
  slotOf(uid: string): number | undefined
  /** The first slot of a `namespace/name`, or -1; `slots.nextInGroup` has the next one. */
  firstOf(group: string): number
  /** All slots of a `namespace/name`. */
  slotsOf(group: string): number[]
  add(slot: number, uid: string, group: string): void
  remove(slot: number): void
}

/** `namespace/name`, or the name of a cluster-scoped object. */
export function groupOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/** The namespace of a `namespace/name`; empty for cluster-scoped objects. */
export function namespaceOf(group: string): string {
  return group.slice(0, Math.max(0, group.indexOf('/')))
}

export function createObjectTable(slots: Slots): ObjectTable {
  const byUid = new Map<string, number>()
  const groups = new Map<string, number>()
  const live: number[] = []

  const unlink = (slot: number) => {
    const group = slots.group[slot] as string
    const next = slots.nextInGroup[slot] as number
    const first = groups.get(group) as number
    if (first === slot && next === -1) groups.delete(group)
    else if (first === slot) groups.set(group, next)
    else slots.nextInGroup[previousInGroup(first, slot)] = next
  }
  const previousInGroup = (first: number, slot: number): number => {
    let at = first
    while (slots.nextInGroup[at] !== slot) at = slots.nextInGroup[at] as number
    return at
  }

  return {
    live,
    series: 0,
    synced: false,
    slotOf: (uid) => byUid.get(uid),
    firstOf: (group) => groups.get(group) ?? -1,
    slotsOf(group) {
      const slotsOfGroup: number[] = []
      for (let slot = groups.get(group) ?? -1; slot !== -1; slot = slots.nextInGroup[slot] as number)
        slotsOfGroup.push(slot)
      return slotsOfGroup
    },
    add(slot, uid, group) {
      slots.uid[slot] = uid
      slots.group[slot] = group
      slots.nextInGroup[slot] = groups.get(group) ?? -1
      groups.set(group, slot)
      byUid.set(uid, slot)
      slots.position[slot] = live.push(slot) - 1
    },
    remove(slot) {
      byUid.delete(slots.uid[slot] as string)
      const last = live.pop() as number
      if (last !== slot) {
        live[slots.position[slot] as number] = last
        slots.position[last] = slots.position[slot] as number
      }
      unlink(slot)
    },
  }
}
