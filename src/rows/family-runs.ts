/** Runs each kind of family: the observe functions, which write observations as rows. */

import type { CopyFamily, KubernetesObject, LabelSet, StateSetFamily } from '../families/family.ts'
import { compareKeys } from '../families/label-name.ts'
import { BlockLimitError, maxWrittenBytes, writtenBytesPerRow } from './block-limits.ts'
import type { CommonPlaces } from './common-labels.ts'
import { findCommon, haveCommon } from './common-labels.ts'
import type { LabelDictionary, LabelNames } from './label-dictionary.ts'
import { createLabelNames } from './label-dictionary.ts'
import { toLabelNames } from './label-names.ts'
import type { FamilyLayout } from './layout.ts'
import type { RowBuffer } from './row-buffer.ts'
import { prepareStateRows } from './row-buffer.ts'

/** A prepared family: `callback` is called on `self` with the object and `observe`. */
export interface FamilyRun {
  readonly layout: FamilyLayout
  readonly self: unknown
  readonly callback: (object: KubernetesObject, observe: Observe & ObserveFree) => void
  readonly observe: Observe & ObserveFree
}

type Observe = (value: number, ...labelValues: string[]) => void
type ObserveFree = (value: number, names: readonly string[], values: readonly string[]) => void
type Callback<O> = (object: KubernetesObject, observe: O) => void

/** The bounds of cached lists of label names; copied labels have as many as there are in the cluster. */
const maxKnownNames = 10_000
const maxKnownCharacters = 4 * 1024 * 1024
const noTexts: readonly string[] = []
const noLabels: LabelSet = { names: noTexts, values: noTexts }

/** The names of series of a sorted block: without the common ones, and as a set that stands alone. */
interface SplitNames {
  readonly places: CommonPlaces
  readonly own: LabelNames
  readonly whole: LabelNames
}

/** Creates the runs of one block writer, which write to its dictionary and rows. */
export class FamilyRuns {
  readonly #dictionary: LabelDictionary
  readonly #rows: RowBuffer
  readonly #knownNames = new Map<string, LabelNames>()
  #knownCharacters = 0
  #nameCount = 0
  /** The bytes of the rows so far as they are written, approximately. */
  #written = 0
  #markedWritten = 0
  /** What a row counts for beside its own labels. */
  #bytesPerRow = writtenBytesPerRow
  /** How often the known names were forgotten: label names from before are not used any more. */
  #clearCount = 0
  /** The values of the current observation; may be longer than the number of labels. */
  readonly #values: string[] = []
  /** The family that last observed a series without own labels. */
  #plainFamily = -1
  /** The common labels of the object, and how lists of names have them. */
  #common: LabelSet = noLabels
  readonly #knownSplits = new Map<string, SplitNames>()

  constructor(dictionary: LabelDictionary, rows: RowBuffer) {
    this.#dictionary = dictionary
    this.#rows = rows
  }

  /** Starts a new block; `common` are the labels that a sorted one stores once, of `commonLength` bytes. */
  reset(common: LabelSet = noLabels, commonLength = 0): void {
    this.#plainFamily = -1
    this.#common = common
    this.#bytesPerRow = writtenBytesPerRow + commonLength
    this.#written = 0
    const size = this.#knownNames.size + this.#knownSplits.size
    if (size <= maxKnownNames && this.#knownCharacters <= maxKnownCharacters) return
    this.#knownNames.clear()
    this.#knownSplits.clear()
    this.#knownCharacters = 0
    this.#clearCount++
  }

  /** Marks the current end, to which `rollBack` returns. */
  mark(): void {
    this.#markedWritten = this.#written
  }

  rollBack(): void {
    this.#written = this.#markedWritten
  }

  create(layout: FamilyLayout, isSorted = false): FamilyRun {
    const { id, family } = layout
    if (isSorted && family.kind === 'free') return toRun(layout, family.callback, this.#createObserveSorted(id))
    switch (family.kind) {
      case 'fixed':
        return toRun(layout, family.callback, this.#createObserve(id, family.labels))
      case 'stateSet':
        return toRun(layout, this.#createStates(layout, family), this.#createObserve(id, [family.label]))
      case 'copy':
        return toRun(layout, this.#createCopy(layout, family), this.#createObserveFree(id))
      default:
        return toRun(layout, family.callback, this.#createObserveFree(id))
    }
  }

  /** The values are copied to a shared array, so that V8 does not allocate an array for the rest parameters. */
  #createObserve(id: number, labels: readonly string[]): Observe {
    if (labels.length === 0) return (value) => this.#addPlain(id, value)
    const names = this.#namesOf(labels)
    const values = this.#values
    const count = labels.length
    return (value, ...all) => {
      for (let i = 0; i < count; i++) values[i] = all[i] as string
      this.#add(id, value, names, values)
    }
  }

  #createObserveFree(id: number): ObserveFree {
    // Families mostly hand in one list of names again and again: it is looked up by its texts only when it is another one.
    let lastNames: readonly string[] = []
    let lastKnown: LabelNames | undefined
    let lastCount = -1
    return (value, names, values) => {
      if (names.length === 0) {
        this.#addPlain(id, value)
        return
      }
      if (lastKnown === undefined || names !== lastNames || this.#clearCount !== lastCount) {
        lastKnown = this.#namesOf(names)
        lastNames = names
        lastCount = this.#clearCount
      }
      this.#add(id, value, lastKnown, values)
    }
  }

  /** Stores what differs from the common labels, or all labels if some of the common ones are not among them. */
  #createObserveSorted(id: number): ObserveFree {
    let lastNames: readonly string[] = []
    let lastCommon: readonly string[] = []
    let split: SplitNames | undefined
    let lastCount = -1
    return (value, names, values) => {
      const common = this.#common
      const isLast = names === lastNames && common.names === lastCommon && this.#clearCount === lastCount
      if (split === undefined || !isLast) {
        split = this.#splitOf(names, common.names)
        lastNames = names
        lastCommon = common.names
        lastCount = this.#clearCount
      }
      const { places, own, whole } = split
      if (!haveCommon(values, places, common.values)) this.#add(id, value, whole, values)
      else if (places.rest.length === 0) this.#addPlain(id, value)
      else this.#add(id, value, own, this.#pick(values, places.rest))
    }
  }

  #splitOf(names: readonly string[], common: readonly string[]): SplitNames {
    const joined = `${common.join('\0')}\n${names.join('\0')}`
    let known = this.#knownSplits.get(joined)
    if (known === undefined) {
      const places = findCommon(names, common)
      const ownNames = places.rest.map((place) => names[place] as string)
      const own = createLabelNames(this.#nameCount++, ownNames)
      known = { places, own, whole: createLabelNames(this.#nameCount++, names, true) }
      this.#knownSplits.set(joined, known)
      this.#knownCharacters += joined.length
    }
    return known
  }

  #pick(values: readonly string[], places: readonly number[]): readonly string[] {
    const picked = this.#values
    for (let i = 0; i < places.length; i++) picked[i] = values[places[i] as number] as string
    return picked
  }

  #createStates({ id, states }: FamilyLayout, family: StateSetFamily<KubernetesObject>): Callback<Observe> {
    const rows = this.#rows
    const stateRows = prepareStateRows(states)
    return (object, observe) => {
      const now = family.current(object)
      if (now === undefined) return
      if (stateRows !== undefined) rows.addStates(id, stateRows, now)
      else for (const { name } of states) observe(name === now ? 1 : 0, name)
    }
  }

  #createCopy({ copies }: FamilyLayout, family: CopyFamily<KubernetesObject>): Callback<ObserveFree> {
    const { prefix } = family
    // There are as many as lists of keys in the cluster; the bounds limit memory if keys are generated.
    const namesOfKeys = new Map<string, readonly string[]>()
    let characters = 0
    return (object, observe) => {
      const map = copies === undefined ? undefined : family.from(object)
      if (map === undefined) return
      const keys: string[] = []
      for (const key of map.keys()) if (copies?.(key)) keys.push(key)
      // No key and one empty key have the same joined text.
      if (keys.length === 0) {
        observe(1, noTexts, noTexts)
        return
      }
      if (keys.length > 1) keys.sort(compareKeys)
      const joined = keys.join('\0')
      let names = namesOfKeys.get(joined)
      if (names === undefined) {
        names = toLabelNames(prefix, keys)
        if (namesOfKeys.size === maxKnownNames || characters > maxKnownCharacters) {
          namesOfKeys.clear()
          characters = 0
        }
        namesOfKeys.set(joined, names)
        characters += joined.length
      }
      const values = keys.map((key) => map.get(key) as string)
      observe(1, names, values)
    }
  }

  #namesOf(names: readonly string[]): LabelNames {
    const joined = names.join('\0')
    let known = this.#knownNames.get(joined)
    if (known === undefined) {
      known = createLabelNames(this.#nameCount++, names)
      this.#knownNames.set(joined, known)
      this.#knownCharacters += joined.length
    }
    return known
  }

  #count(bytes: number): void {
    this.#written += bytes
    if (this.#written > maxWrittenBytes) throw new BlockLimitError('series', maxWrittenBytes)
  }

  #addPlain(family: number, value: number): void {
    this.#count(this.#bytesPerRow)
    this.#rows.addPlain(family, value, this.#plainFamily === family)
    this.#plainFamily = family
  }

  #add(family: number, value: number, names: LabelNames, values: readonly string[]): void {
    const entry = this.#dictionary.add(names, values)
    this.#count(this.#bytesPerRow + this.#dictionary.size(entry))
    this.#rows.addOwn(family, value, this.#dictionary.offset(entry), this.#dictionary.use(entry, family))
  }
}

function toRun<O extends Observe | ObserveFree>(layout: FamilyLayout, callback: Callback<O>, observe: O): FamilyRun {
  // An observer and its caller form a pair whose type is erased here.
  return {
    layout,
    self: layout.family,
    callback: callback as FamilyRun['callback'],
    observe: observe as FamilyRun['observe'],
  }
}
