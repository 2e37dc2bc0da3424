/** Pages in memory for tests of the comparison. */
import type { CompareOptions } from '../../../src/inspect/compare/compare-pages.ts'
import { comparePages } from '../../../src/inspect/compare/compare-pages.ts'
import type { Comparison } from '../../../src/inspect/compare/difference.ts'
import type { PageSource } from '../../../src/inspect/compare/page-source.ts'

/** A page that is the same at every reading, in pieces of `pieceBytes`. */
export function still(text: string, pieceBytes = 1000): PageSource {
  return { name: 'a still page', isLive: false, isOnce: false, open: async () => pieces(text, pieceBytes) }
}

/** A page that says the next text at every reading, and the last one from then on. */
export function moving(...texts: string[]): PageSource {
  let at = 0
  const open = async () => pieces(texts[Math.min(at++, texts.length - 1)] ?? '', 1000)
  return { name: 'a moving page', isLive: true, isOnce: false, open }
}

async function* pieces(text: string, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  const piece = Buffer.alloc(pieceBytes)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // One buffer for all pieces, as a socket may do: who keeps a piece sees it change.
    const length = bytes.copy(piece, 0, at, at + pieceBytes)
    yield piece.subarray(0, length)
  }
}

/** Compares with nothing ignored, three examples and no retries by default. */
export function compare(
  ours: PageSource,
  theirs: PageSource,
  options: Partial<CompareOptions> = {},
): Promise<Comparison> {
  return comparePages({
    ours,
    theirs,
    ignores: () => false,
    examples: 3,
    retries: 0,
    pause: async () => {},
    signal: new AbortController().signal,
    ...options,
  })
}
