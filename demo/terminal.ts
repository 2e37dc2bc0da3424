/** Redraws lines in place with ANSI sequences. Nothing else may write to the terminal meanwhile. */

import type { Line, Tone } from './spans.ts'

export interface TerminalStream {
  write(text: string): unknown
  readonly columns: number
  readonly rows: number
}

export interface Screen {
  draw(lines: readonly Line[]): void
  /** Keeps the last lines and shows the cursor again. */
  end(): void
}

const codes: Record<Tone, string> = { plain: '', strong: '1', faint: '2', good: '32', bad: '31', accent: '36' }

/** The line with ANSI colours for its tones. */
export function paint(line: Line, isColoured: boolean): string {
  return line
    .map(({ text, tone }) => (isColoured && codes[tone] !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text))
    .join('')
}

/** The stream as a terminal; undefined if it is none, or in CI. */
export function asTerminal(
  stream: NodeJS.WritableStream,
  env: Readonly<Record<string, string | undefined>>,
): TerminalStream | undefined {
  const { isTTY } = stream as { isTTY?: boolean }
  return isTTY && !env.CI && env.TERM !== 'dumb' ? (stream as unknown as TerminalStream) : undefined
}

/** Draws from the cursor position; after a resize, from the top of the cleared screen. */
export function createScreen(terminal: TerminalStream, isColoured: boolean): Screen {
  let drawn = 0
  let size = ''
  return {
    draw(lines) {
      const { columns, rows } = terminal
      const isResized = size !== '' && size !== `${columns}x${rows}`
      size = `${columns}x${rows}`
      // Lines that have scrolled off the terminal cannot be redrawn.
      const visible = lines.slice(0, Math.max(1, rows - 1))
      const start = isResized ? '\x1b[2J\x1b[H' : drawn > 0 ? `\x1b[${drawn}A\r` : ''
      const text = visible.map((line) => `${paint(line, isColoured)}\x1b[K\n`).join('')
      terminal.write(`\x1b[?25l${start}${text}\x1b[J`)
      drawn = visible.length
    },
    end: () => void terminal.write('\x1b[?25h'),
  }
}
