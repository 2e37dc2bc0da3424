/**
 * Limits of one row block. Whoever may create objects chooses lists and texts, and some families combine them: the holder of a
 * Lease is a label of each of its owners, so an object of a megabyte could yield gigabytes of labels. No honest object comes near.
 */

/** Bytes of rows: from 65,000 to a million series, mostly about 150,000. */
export const maxRowBytes: number = 1024 * 1024

/** Bytes of label sets, each of which is written once. */
export const maxLabelBytes: number = 8 * 1024 * 1024

/** Bytes of the labels of all rows as they are written, where a label set counts for each row that has it. */
export const maxWrittenBytes: number = 32 * 1024 * 1024

/** What each row counts for beside its own labels: name, identity and value. */
export const writtenBytesPerRow = 100

/** What is kept from object to object, such as buffers, is given up when it is larger. */
export const maxKeptBytes: number = 256 * 1024

/** Thrown at the observation that exceeds a limit; the family loses all its rows of the object. */
export class BlockLimitError extends Error {
  constructor(what: string, limit: number) {
    super(`the ${what} of one object would exceed ${limit} bytes`)
    this.name = 'BlockLimitError'
  }
}
