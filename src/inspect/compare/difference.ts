/** Owns what two pages differ by: per family, counted and with examples. `ours` is the page made here, `theirs` that it is held against. */

/** A series that both pages have, with different values. */
export interface ChangedValue {
  readonly series: string
  readonly ours: number
  readonly theirs: number
}

/** One family that differs. */
export interface FamilyDifference {
  readonly name: string
  /** Whose page alone has the family; undefined when both have. */
  readonly only: 'ours' | 'theirs' | undefined
  /** TYPE on each page; undefined when they agree. */
  readonly types: { readonly ours: string; readonly theirs: string } | undefined
  readonly series: {
    readonly onlyOurs: number
    readonly onlyTheirs: number
    readonly changed: number
  }
  /** A few of each; of a page that moves there may be fewer than counted. */
  readonly examples: {
    readonly onlyOurs: readonly string[]
    readonly onlyTheirs: readonly string[]
    readonly changed: readonly ChangedValue[]
  }
}

/** How much a page holds, what is ignored left out. */
export interface PageSize {
  readonly families: number
  readonly series: number
}

/** What the last reading of both pages came to. */
export interface Comparison {
  readonly equal: boolean
  readonly ours: PageSize
  readonly theirs: PageSize
  /** By name. */
  readonly differences: readonly FamilyDifference[]
  /** How often both pages were read. */
  readonly readings: number
}
