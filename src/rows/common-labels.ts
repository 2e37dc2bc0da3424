/** Which part of a label set is common to many: found by name once per list of names, and compared by value. */

/** Places in a list of label names. */
export interface CommonPlaces {
  /** Of each common name; undefined if the list lacks one. */
  readonly common: readonly number[] | undefined
  /** Of the names that are not common, in order. */
  readonly rest: readonly number[]
}

export function findCommon(names: readonly string[], common: readonly string[]): CommonPlaces {
  const places = common.map((name) => names.indexOf(name))
  const rest = names.flatMap((name, place) => (common.includes(name) ? [] : [place]))
  return { common: places.includes(-1) ? undefined : places, rest }
}

/** Whether the values at the common places are these. */
export function haveCommon(
  values: readonly string[],
  { common }: CommonPlaces,
  commonValues: readonly string[],
): boolean {
  if (common === undefined) return false
  for (let i = 0; i < common.length; i++) if (values[common[i] as number] !== commonValues[i]) return false
  return true
}
