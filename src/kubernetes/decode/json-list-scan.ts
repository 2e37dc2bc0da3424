/**
 * The scan over a JSON list body: yields its elements one at a time and keeps the rest, the skeleton, which is a list
 * without elements and contains the list's own metadata wherever that stands.
 */

import type { ByteWindow } from './byte-window.ts'
import { consumeUntil, maxObjectBytes } from './byte-window.ts'
import { DecodeError } from './decode-error.ts'
import type { ObjectScan } from './json-scan.ts'
import {
  backslash,
  closeBrace,
  closeBracket,
  createObjectScan,
  openBrace,
  openBracket,
  quote,
  scanObject,
} from './json-scan.ts'

/** The top-level key whose elements are handed out. */
export type ElementsKey = 'items' | 'rows'

/** Where the scan of a list body stands. */
export interface ListScan {
  readonly key: ElementsKey
  /** How deep the metadata of an element is whose managedFields are cut. */
  readonly metadataDepth: number
  /** The members of elements that are read; all if undefined. */
  readonly members: ObjectScan['members']
  /** The scan of the current element. */
  element: ObjectScan
  isInElement: boolean
  isInElements: boolean
  depth: number
  inText: boolean
  afterBackslash: boolean
  /** Matches a skeleton at whose end the elements begin. */
  readonly opening: RegExp
  readonly skeleton: Buffer[]
  skeletonBytes: number
}

/** The metadata of an item is two levels below the list of items; that of a row's object, three. */
const metadataDepths: Readonly<Record<ElementsKey, number>> = { items: 2, rows: 3 }

/** A depth that no metadata has. */
export const noDepth = Number.POSITIVE_INFINITY

/** `keepManagedFields`: nothing of the elements is cut. */
export function createListScan(key: ElementsKey, keepManagedFields = false, members?: ObjectScan['members']): ListScan {
  return {
    key,
    metadataDepth: keepManagedFields ? noDepth : metadataDepths[key],
    members,
    element: createObjectScan(members),
    isInElement: false,
    isInElements: false,
    depth: 0,
    inText: false,
    afterBackslash: false,
    opening: new RegExp(`[{,]\\s*"${key}"\\s*:\\s*\\[$`),
    skeleton: [],
    skeletonBytes: 0,
  }
}

/**
 * Scans on to the end of the next element: true when it is complete, from the window's start to `element.position` behind
 * it; the caller consumes it. False when the bytes do not suffice.
 */
export function scanList(scan: ListScan, window: ByteWindow): boolean {
  if (!scan.isInElement && !findElement(scan, window)) return false
  const isComplete = scanObject(scan.element, window.buffer, window.start, window.end, scan.metadataDepth)
  scan.isInElement = !isComplete
  return isComplete
}

/** Moves the bytes before the next element to the skeleton; true when the window then starts with an element. */
function findElement(scan: ListScan, window: ByteWindow): boolean {
  const { buffer, start, end } = window
  let kept = start
  for (let position = start; position < end; position++) {
    const byte = buffer[position] as number
    if (scan.inText) leaveText(scan, byte)
    else if (byte === quote) scan.inText = true
    else if (scan.isInElements && scan.depth === 2 && byte === openBrace) {
      keep(scan, buffer.subarray(kept, position))
      consumeUntil(window, position)
      scan.element = createObjectScan(scan.members)
      scan.isInElement = true
      return true
    } else if (scan.isInElements && scan.depth === 2 && isSeparator(byte)) {
      keep(scan, buffer.subarray(kept, position))
      kept = position + 1
    } else if (byte === openBrace || byte === openBracket) {
      scan.depth++
      if (scan.depth !== 2 || byte !== openBracket) continue
      keep(scan, buffer.subarray(kept, position + 1))
      kept = position + 1
      scan.isInElements = scan.opening.test(skeletonOf(scan))
    } else if ((byte === closeBrace || byte === closeBracket) && --scan.depth === 1) scan.isInElements = false
  }
  keep(scan, buffer.subarray(kept, end))
  consumeUntil(window, end)
  return false
}

function leaveText(scan: ListScan, byte: number): void {
  if (scan.afterBackslash) scan.afterBackslash = false
  else if (byte === backslash) scan.afterBackslash = true
  else if (byte === quote) scan.inText = false
}

function isSeparator(byte: number): boolean {
  return byte === 0x2c || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function keep(scan: ListScan, bytes: Buffer): void {
  if (bytes.length === 0) return
  scan.skeletonBytes += bytes.length
  if (scan.skeletonBytes > maxObjectBytes)
    throw new DecodeError('', `more than ${maxObjectBytes} bytes beside the elements`)
  scan.skeleton.push(Buffer.from(bytes))
}

/** The text of the list without its elements. */
export function skeletonOf(scan: ListScan): string {
  return Buffer.concat(scan.skeleton).toString('utf8')
}
