/** Suggestions for mistyped names. */

/** The candidate that is most similar to `name`, or undefined. A name without section, or in another case, is similar. */
function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = squeeze(name)
  let best: string | undefined
  // With a one-letter name, one wrong letter leaves nothing in common.
  let bestDistance = Math.min(wanted.length, Math.max(1, Math.floor(wanted.length / 3)) + 1)
  for (const candidate of candidates) {
    const squeezed = squeeze(candidate)
    // Comparing costs the product of both lengths.
    if (wanted.length - squeezed.length >= bestDistance) continue
    const distance = squeezed.endsWith(wanted) && wanted.length > 3 ? 1.5 : editDistance(wanted, squeezed)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** `; did you mean x?`, or an empty text. `decorate` formats the suggestion as it would be written. */
export function didYouMean(
  name: string,
  candidates: Iterable<string>,
  decorate: (guess: string) => string = String,
): string {
  const guess = nearest(name, candidates)
  return guess === undefined ? '' : `; did you mean ${decorate(guess)}?`
}

function squeeze(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** The number of letters to add, to remove, to replace, or to swap with the next one, computed row by row. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]
      const swapped = isSwap ? (before[j - 1] ?? 0) + 1 : replaced
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row.at(-1) ?? 0
}
