/** Owns how rows of words are aligned in columns on a terminal. */

/** Lines of cells under headings, columns two blanks apart; a cell wider than `widest` pushes the rest of its line, the last is never padded. */
export function alignTable(headings: readonly string[], rows: readonly (readonly string[])[], widest = 60): string {
  const lines = [headings, ...rows]
  const widths = headings.map((_, column) =>
    Math.min(widest, Math.max(...lines.map((cells) => widthAt(cells, column)))),
  )
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const widthAt = (cells: readonly string[], column: number) => cells[column]?.length ?? 0
