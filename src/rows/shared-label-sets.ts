/** Label sets from closed lists (states) and of a whole resource, encoded once per process. Blocks refer to them by number. */

const limit = 0x10000

/** The number of the set without labels. */
export const emptyLabelSet = 0

export interface SharedLabelSets {
  /** The number of a label set in canonical bytes; undefined if there are already 65,536. */
  intern(labels: Uint8Array): number | undefined
  /** All sets, one after the other; replaced when it grows. */
  readonly bytes: Uint8Array
  start(id: number): number
  end(id: number): number
}

export function createSharedLabelSets(): SharedLabelSets {
  const ids = new Map([['', emptyLabelSet]])
  const bounds: number[] = [0, 0]
  let bytes = new Uint8Array(4096)
  return {
    get bytes() {
      return bytes
    },
    start: (id) => bounds[id] as number,
    end: (id) => bounds[id + 1] as number,
    intern(labels) {
      const key = Buffer.from(labels).toString('latin1')
      const known = ids.get(key)
      if (known !== undefined) return known
      if (ids.size === limit) return undefined
      const start = bounds[ids.size] as number
      if (start + labels.length > bytes.length) {
        const larger = new Uint8Array(2 * bytes.length + labels.length)
        larger.set(bytes)
        bytes = larger
      }
      bytes.set(labels, start)
      bounds.push(start + labels.length)
      ids.set(key, ids.size)
      return ids.size - 1
    },
  }
}
