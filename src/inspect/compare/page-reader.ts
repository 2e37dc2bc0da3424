/** Reads a page: chunks to lines, lines to families and samples. Only one line is kept at a time. */

import type { ScannedSample } from './sample-scan.ts'
import { createScannedSample, scanSample } from './sample-scan.ts'

/** A page cannot be read or is invalid; the message names it. */
export class PageError extends Error {}

/** Receives a page line by line. */
export interface PageVisitor {
  /** A TYPE line. */
  type(name: string, type: string): void
  /** A sample, which is valid only during the call. `series` returns its name and labels as on the page. */
  sample(name: string, sample: Readonly<ScannedSample>, series: () => string): void
}

/** The end of a page. */
export interface PageEnd {
  /** TYPE lines and samples together: 0 is an empty page. */
  readonly entries: number
  /** Whether the page has the OpenMetrics format, where TYPE lines name counters without `_total`. */
  readonly isOpenMetrics: boolean
}

const newline = 0x0a
const carriageReturn = 0x0d
const hash = 0x23
/** Longer lines are not accepted. */
const longestLineBytes = 16 * 1024 * 1024

/** Reads a page to its end. Rejects with PageError, which starts with `where`, at the first invalid line. */
export async function readPage(
  where: string,
  chunks: AsyncIterable<Uint8Array>,
  visitor: PageVisitor,
): Promise<PageEnd> {
  const reader = createLineReader(where, visitor)
  let rest = new Uint8Array(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(newline) + 1
    for (let at = 0; at < end; ) {
      const stop = bytes.indexOf(newline, at)
      reader.line(bytes, at, stop)
      at = stop + 1
    }
    // Copied, because the chunk may be reused.
    rest = Uint8Array.from(bytes.subarray(end))
    if (rest.length > longestLineBytes) throw new PageError(`${where} is not a metrics page: it has no lines`)
  }
  if (rest.length > 0) reader.line(rest, 0, rest.length)
  return reader.end()
}

function createLineReader(where: string, visitor: PageVisitor) {
  const sample = createScannedSample()
  const nameOf = createNameCache()
  let lines = 0
  let entries = 0
  let isOpenMetrics = false
  const refuse = (bytes: Uint8Array, start: number, end: number) => {
    const shown = JSON.stringify(Buffer.from(bytes.subarray(start, Math.min(end, start + 80))).toString())
    throw new PageError(`${where} is not a metrics page: line ${lines} is ${shown}`)
  }
  const comment = (text: string) => {
    const [, keyword, name, type] = text.split(' ')
    if (keyword === 'EOF') isOpenMetrics = true
    if (keyword !== 'TYPE' || name === undefined || type === undefined) return
    entries++
    visitor.type(name, type)
  }
  return {
    line(bytes: Uint8Array, start: number, newlineAt: number) {
      lines++
      const end = bytes[newlineAt - 1] === carriageReturn ? newlineAt - 1 : newlineAt
      if (end <= start) return
      if (bytes[start] === hash) return comment(textOf(bytes, start, end))
      if (!scanSample(bytes, start, end, sample)) refuse(bytes, start, end)
      entries++
      visitor.sample(nameOf(bytes, start, sample.nameEnd), sample, () => textOf(bytes, start, sample.seriesEnd))
    },
    end: (): PageEnd => ({ entries, isOpenMetrics }),
  }
}

const textOf = (bytes: Uint8Array, start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString()

/** Consecutive samples often have the same name, so the last one is compared before a new string is created. */
function createNameCache(): (bytes: Uint8Array, start: number, end: number) => string {
  let lastBytes = new Uint8Array(0)
  let last = ''
  return (bytes, start, end) => {
    if (end - start === lastBytes.length && lastBytes.every((byte, i) => byte === bytes[start + i])) return last
    lastBytes = Uint8Array.from(bytes.subarray(start, end))
    last = textOf(bytes, start, end)
    return last
  }
}
