/** What one process of the program costs, and several of them together. */

export interface Figures {
  readonly series: number
  /** From the start until every resource is synced. */
  readonly ready: Cost
  /** From the start until every series has arrived at the receiver. */
  readonly sent: Cost
  /** Until the end of the phase without changes. */
  readonly peakBytes: number
  readonly steadyBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  /** Seconds of CPU per minute without changes, at the default refresh. */
  readonly idleCpuSeconds: number
  readonly page: { readonly cpuSeconds: number; readonly bytes: number }
  /** Read from the API server until the end. */
  readonly apiBytes: number
}

interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Times overlap, everything else adds up. */
export const sumOfFigures = (all: readonly Figures[]): Figures => combine(all, (a, b) => a + b)

/** Of each figure. */
export const largestOfFigures = (all: readonly Figures[]): Figures => combine(all, (a, b) => Math.max(a, b))

function combine(all: readonly Figures[], join: (a: number, b: number) => number): Figures {
  const of = (select: (figures: Figures) => number) => all.map(select).reduce(join)
  const latest = (select: (figures: Figures) => number) => Math.max(...all.map(select))
  return {
    series: of(({ series }) => series),
    ready: { seconds: latest(({ ready }) => ready.seconds), cpuSeconds: of(({ ready }) => ready.cpuSeconds) },
    sent: { seconds: latest(({ sent }) => sent.seconds), cpuSeconds: of(({ sent }) => sent.cpuSeconds) },
    peakBytes: of(({ peakBytes }) => peakBytes),
    steadyBytes: of(({ steadyBytes }) => steadyBytes),
    heapUsedBytes: of(({ heapUsedBytes }) => heapUsedBytes),
    heapTotalBytes: of(({ heapTotalBytes }) => heapTotalBytes),
    externalBytes: of(({ externalBytes }) => externalBytes),
    idleCpuSeconds: of(({ idleCpuSeconds }) => idleCpuSeconds),
    page: { cpuSeconds: of(({ page }) => page.cpuSeconds), bytes: of(({ page }) => page.bytes) },
    apiBytes: of(({ apiBytes }) => apiBytes),
  }
}
