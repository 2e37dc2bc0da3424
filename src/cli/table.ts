/** A table with headings and aligned columns. Cells wider than `widest` shift the rest of their line. The last column is not padded. */
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
