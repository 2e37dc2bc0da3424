/**
 * Visits the slots that are in the list now, last first, and yields after every `perStep` of them. The list may change
 * between steps: what takes the place of a removed slot comes from behind, where all was visited or is new.
 */
export function* eachBackwards(
  live: readonly number[],
  perStep: number,
  visit: (slot: number) => void,
): Generator<void, void> {
  for (let end = live.length; end > 0; ) {
    const start = Math.max(0, end - perStep)
    for (let i = Math.min(end, live.length) - 1; i >= start; i--) visit(live[i] as number)
    end = start
    yield
  }
}
