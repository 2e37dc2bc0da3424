/** Random objects whose families observe the labels and values in the object, and row blocks of them. */
import fc from 'fast-check'
import { familiesOf } from '../../src/families/builders.ts'
import { resource } from '../../src/families/family.ts'
import { createBlockWriter } from '../../src/rows/block-writer.ts'
import { createLayout } from '../../src/rows/layout.ts'
import { createRegistry } from '../../src/rows/registry.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { ObjectMeta } from '../../src/schemas/object-meta.ts'
import { message, schema } from '../../src/schemas/schema.ts'

export type Labels = readonly (readonly [name: string, value: string])[]

export interface Gadget extends KubernetesObject {
  readonly free: readonly (readonly [value: number, labels: Labels])[]
  readonly counted: readonly (readonly [value: number, label: string])[]
  readonly phase: string | undefined
}

export interface Sample {
  readonly family: string
  readonly value: number
  readonly labels: Labels
  /** The same series stands before in the same object. */
  readonly duplicate: boolean
}

export const help = 'Backslash \\, "quotes" and\na new line.'
const states = ['On', 'Off']
const { freeGauge, observableCounter, stateSet } = familiesOf<Gadget>()
const head = { help, stability: 'stable' } as const

export const gadgets = resource<Gadget>({
  ...{ plural: 'gadgets', apiVersion: 'v1', kind: 'Gadget', namespaced: true, enabledByDefault: true },
  schema: schema({ metadata: message(1, ObjectMeta) }) as never,
  identity: { namespace: ({ metadata }) => metadata.namespace, gadget: ({ metadata }) => metadata.name },
  families: [
    freeGauge({
      ...head,
      name: 'gadget_free',
      labelSets: [],
      callback(gadget, observe) {
        for (const [value, labels] of gadget.free) {
          observe(
            value,
            labels.map(([name]) => name),
            labels.map(([, text]) => text),
          )
        }
      },
    }),
    observableCounter({
      ...head,
      name: 'gadget_restarts_total',
      labels: ['container'],
      callback(gadget, observe) {
        for (const [value, label] of gadget.counted) observe(value, label)
      },
    }),
    stateSet({ ...head, name: 'gadget_phase', label: 'phase', states, current: (gadget) => gadget.phase }),
  ],
})

export const registry = createRegistry()
export const { shared } = registry
export const layout = createLayout(
  { resource: gadgets, families: gadgets.families, labelKeys: undefined, annotationKeys: undefined },
  registry,
)
const writer = createBlockWriter(layout, (_family, _object, error) => {
  throw error
})

/** A copy of the object's block at an odd place of a larger buffer. */
export function blockOf(gadget: Gadget): { bytes: Uint8Array; at: number; length: number } {
  const { bytes, length } = writer.write(gadget)
  const page = new Uint8Array(length + 20)
  page.set(bytes.subarray(0, length), 13)
  return { bytes: page, at: 13, length }
}

/** What the object yields, by plain reading. */
export function samplesOf({ metadata, free, counted, phase }: Gadget): Sample[] {
  const seen = new Set<string>()
  const sample = (family: string, value: number, own: Labels): Sample => {
    const labels: Labels = [['namespace', metadata.namespace], ['gadget', metadata.name], ...own]
    const key = JSON.stringify([family, labels])
    const duplicate = seen.has(key)
    seen.add(key)
    return { family, value: value === 0 ? 0 : value, labels, duplicate }
  }
  return [
    ...free.map(([value, labels]) => sample('gadget_free', value, labels)),
    ...counted.map(([value, label]) => sample('gadget_restarts_total', value, [['container', label]])),
    ...(phase === undefined
      ? []
      : states.map((state) => sample('gadget_phase', state === phase ? 1 : 0, [['phase', state]]))),
  ]
}

export function createGadget(part: Partial<Gadget> & { name?: string; created?: number | undefined }): Gadget {
  const { name = 'g', created = 1_700_000_000, ...rest } = part
  const metadata = { name, namespace: 'ns', uid: name, creationTimestamp: created } as KubernetesObject['metadata']
  return { metadata, free: [], counted: [], phase: undefined, ...rest }
}

const value = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, 0xffff_ffff, 1e6, 0x1_0000_0000, 0.1, 1e-7, Number.NaN, Infinity, -Infinity),
  fc.double(),
)
/** Lengths around those at which a varint grows, and where copies are made in another way. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'ä', '日本', '😀', '"', '\\', '\n', '\\n"', ' =,{}#'),
  fc.constantFrom(10, 24, 25, 100, 115, 120, 127, 128, 300, 16_400).map((length) => 'x'.repeat(length)),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)
const labels = fc.tuple(fc.array(text, { maxLength: 3 })).map(([values]) => values.map((v, i) => [`l${i}`, v] as const))

export const anyGadget: fc.Arbitrary<Gadget> = fc
  .record({
    name: text,
    created: fc.constantFrom(undefined, 0, 1_700_000_000, 0xffff_ffff),
    free: fc.array(fc.tuple(value, labels), { maxLength: 8 }),
    counted: fc.array(fc.tuple(value, text), { maxLength: 3 }),
    phase: fc.constantFrom(undefined, 'On', 'Off', 'Other'),
  })
  .map(createGadget)
