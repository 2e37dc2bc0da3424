/** Owns the terminal: lines redrawn in place by plain ANSI sequences. Nothing else may write to it meanwhile. */

import type { Line, Tone } from './spans.ts'

/** What is asked of a terminal. */
export interface TerminalStream {
  write(text: string): unknown
  readonly columns: number
  readonly rows: number
}

export interface Screen {
  draw(lines: readonly Line[]): void
  /** Leaves the last lines where they are and gives the cursor back. */
  end(): void
}

const codes: Record<Tone, string> = { plain: '', strong: '1', faint: '2', good: '32', bad: '31', accent: '36' }

/** The line with its tones as colours. */
export function paint(line: Line, isColoured: boolean): string {
  return line
    .map(({ text, tone }) => (isColoured && codes[tone] !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text))
    .join('')
}

/** The stream as a terminal, if it is one and somebody may be looking. */
export function asTerminal(
  stream: NodeJS.WritableStream,
  env: Readonly<Record<string, string | undefined>>,
): TerminalStream | undefined {
  const { isTTY } = stream as { isTTY?: boolean }
  return isTTY && !env.CI && env.TERM !== 'dumb' ? (stream as unknown as TerminalStream) : undefined
}

/** Draws from where the cursor is, and from the top of an empty screen once the size has changed. */
export function createScreen(terminal: TerminalStream, isColoured: boolean): Screen {
  let drawn = 0
  let size = ''
  return {
    draw(lines) {
      const { columns, rows } = terminal
      const isResized = size !== '' && size !== `${columns}x${rows}`
      size = `${columns}x${rows}`
      // A line that the terminal scrolled away cannot be reached any more.
      const visible = lines.slice(0, Math.max(1, rows - 1))
      const start = isResized ? '\x1b[2J\x1b[H' : drawn > 0 ? `\x1b[${drawn}A\r` : ''
      const text = visible.map((line) => `${paint(line, isColoured)}\x1b[K\n`).join('')
      terminal.write(`\x1b[?25l${start}${text}\x1b[J`)
      drawn = visible.length
    },
    end: () => void terminal.write('\x1b[?25h'),
  }
}
