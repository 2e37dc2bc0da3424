/** Owns how each kind of family is run: the observe function it is given, and what becomes of an observation. */

import type { CopyFamily, KubernetesObject, StateSetFamily } from '../families/family.ts'
import { prepareKey } from './label-bytes.ts'
import type { LabelDictionary, LabelNames } from './label-dictionary.ts'
import { compareKeys, toLabelNames } from './label-names.ts'
import type { FamilyLayout } from './layout.ts'
import type { RowBuffer } from './row-buffer.ts'

/** A family made ready to be run on any object. */
export interface FamilyRun {
  readonly layout: FamilyLayout
  run(object: KubernetesObject): void
}

type Observe = (value: number, ...labelValues: string[]) => void
type ObserveFree = (value: number, names: readonly string[], values: readonly string[]) => void

/** Lists of label names that are remembered; those of copied labels are as many as there are in the cluster. */
const maxKnownNames = 10_000

/** Makes the runs of one block writer, which write to its dictionary and rows. */
export class FamilyRuns {
  readonly #dictionary: LabelDictionary
  readonly #rows: RowBuffer
  readonly #knownNames = new Map<string, LabelNames>()
  #nameCount = 0
  /** Values of the observation at hand; more than its family has labels may stand here. */
  readonly #values: string[] = []
  /** The family that last observed a series without labels of its own. */
  #plainFamily = -1

  constructor(dictionary: LabelDictionary, rows: RowBuffer) {
    this.#dictionary = dictionary
    this.#rows = rows
  }

  /** Begins a new block. */
  reset(): void {
    this.#plainFamily = -1
    if (this.#knownNames.size > maxKnownNames) this.#knownNames.clear()
  }

  create(layout: FamilyLayout): FamilyRun {
    const { family } = layout
    switch (family.kind) {
      case 'fixed': {
        const observe = this.#createObserve(layout.index, family.labels)
        return { layout, run: (object) => family.callback(object, observe) }
      }
      case 'stateSet':
        return { layout, run: this.#createStates(layout, family) }
      case 'copy':
        return { layout, run: this.#createCopy(layout, family) }
      default: {
        const observe = this.#createObserveFree(layout.index)
        return { layout, run: (object) => family.callback(object, observe) }
      }
    }
  }

  /** Without rest parameters up to four labels, as nearly all families have: an array per observation costs as much as its row. */
  #createObserve(index: number, labels: readonly string[]): Observe {
    const names = this.#namesOf(labels)
    const values = this.#values
    switch (labels.length) {
      case 0:
        return (value) => this.#addPlain(index, value)
      case 1:
        return (value, first: string) => {
          values[0] = first
          this.#add(index, value, names, values)
        }
      case 2:
        return (value, first: string, second: string) => {
          values[0] = first
          values[1] = second
          this.#add(index, value, names, values)
        }
      case 3:
        return (value, first: string, second: string, third: string) => {
          values[0] = first
          values[1] = second
          values[2] = third
          this.#add(index, value, names, values)
        }
      case 4:
        return (value, first: string, second: string, third: string, fourth: string) => {
          values[0] = first
          values[1] = second
          values[2] = third
          values[3] = fourth
          this.#add(index, value, names, values)
        }
      default:
        return (value, ...all) => this.#add(index, value, names, all)
    }
  }

  #createObserveFree(index: number): ObserveFree {
    return (value, names, values) => {
      if (names.length === 0) this.#addPlain(index, value)
      else this.#add(index, value, this.#namesOf(names), values)
    }
  }

  #createStates({ index, states }: FamilyLayout, family: StateSetFamily<KubernetesObject>): FamilyRun['run'] {
    const observe = this.#createObserve(index, [family.label])
    return (object) => {
      const now = family.current(object)
      if (now === undefined) return
      for (const { name, shared, repeated } of states) {
        const value = name === now ? 1 : 0
        if (shared === undefined) observe(value, name)
        else this.#rows.addShared(index, value, shared, repeated)
      }
    }
  }

  #createCopy({ index, copies }: FamilyLayout, family: CopyFamily<KubernetesObject>): FamilyRun['run'] {
    const observe = this.#createObserveFree(index)
    return (object) => {
      const map = copies === undefined ? undefined : family.from(object)
      if (map === undefined) return
      const keys = [...map.keys()].filter(copies as (key: string) => boolean).sort(compareKeys)
      const values = keys.map((key) => map.get(key) as string)
      observe(1, toLabelNames(family.prefix, keys), values)
    }
  }

  #namesOf(names: readonly string[]): LabelNames {
    const joined = names.join('\0')
    let known = this.#knownNames.get(joined)
    if (known === undefined) {
      known = { id: this.#nameCount++, keys: names.map(prepareKey) }
      this.#knownNames.set(joined, known)
    }
    return known
  }

  #addPlain(index: number, value: number): void {
    this.#rows.addPlain(index, value, this.#plainFamily === index)
    this.#plainFamily = index
  }

  #add(index: number, value: number, names: LabelNames, values: readonly string[]): void {
    const entry = this.#dictionary.add(names, values)
    this.#rows.addOwn(index, value, this.#dictionary.offset(entry), this.#dictionary.use(entry, index))
  }
}
