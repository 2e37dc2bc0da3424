/** The differences between two pages per family, with counts and examples. `ours` is the page of this program. */

/** A series that both pages have, with different values. */
export interface ChangedValue {
  readonly series: string
  readonly ours: number
  readonly theirs: number
}

/** One family that differs. */
export interface FamilyDifference {
  readonly name: string
  /** The only page that has the family; undefined if both have it. */
  readonly only: 'ours' | 'theirs' | undefined
  /** TYPE on each page; undefined if equal. */
  readonly types: { readonly ours: string; readonly theirs: string } | undefined
  readonly series: {
    readonly onlyOurs: number
    readonly onlyTheirs: number
    readonly changed: number
  }
  /** A few examples of each kind; there may be fewer than counted if a page is changing. */
  readonly examples: {
    readonly onlyOurs: readonly string[]
    readonly onlyTheirs: readonly string[]
    readonly changed: readonly ChangedValue[]
  }
}

/** The size of a page without ignored families. */
export interface PageSize {
  readonly families: number
  readonly series: number
}

/** The result of the last reading of both pages. */
export interface Comparison {
  readonly equal: boolean
  readonly ours: PageSize
  readonly theirs: PageSize
  /** By name. */
  readonly differences: readonly FamilyDifference[]
  /** How often both pages were read. */
  readonly readings: number
}
