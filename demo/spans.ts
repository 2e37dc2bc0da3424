/** Owns lines of toned text and how they are fitted to a width; knows neither terminals nor pictures. */

export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'accent'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })

/** In characters; every one that we write is one cell wide. */
export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + [...text].length, 0)

/** The line, cut to the width with an ellipsis where it is longer. */
export function clip(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line
  const kept: Span[] = []
  let left = Math.max(0, width - 1)
  for (const { text, tone } of line) {
    const part = [...text].slice(0, left).join('')
    if (part !== '') kept.push({ text: part, tone })
    left -= [...part].length
  }
  return width > 0 ? [...kept, span('…', 'faint')] : kept
}

/** The first line's end pushed to the right edge; what does not fit there is left out. */
export function justify(left: Line, right: Line, width: number): Line {
  const gap = width - widthOf(left) - widthOf(right)
  return gap < 1 ? left : [...left, span(' '.repeat(gap)), ...right]
}

export const textOf = (line: Line): string => line.map(({ text }) => text).join('')
