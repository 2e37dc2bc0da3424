/** Lines of styled text, independent of the output (terminal or picture). */

export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'accent'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })

/** In characters; all characters in use are one cell wide. */
export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + [...text].length, 0)

/** Truncates a line to the width, with an ellipsis. */
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

/** Aligns `right` at the right edge; it is omitted if it does not fit. */
export function justify(left: Line, right: Line, width: number): Line {
  const gap = width - widthOf(left) - widthOf(right)
  return gap < 1 ? left : [...left, span(' '.repeat(gap)), ...right]
}

export const textOf = (line: Line): string => line.map(({ text }) => text).join('')
