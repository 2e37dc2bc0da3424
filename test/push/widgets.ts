/**
 * A small cluster of made-up objects for tests of the push, with the series that a receiver must have for them. The
 * series are written by hand, not by the code under test.
 */

import { familiesOf } from '../../src/families/builders.ts'
import { resource } from '../../src/families/family.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import type { KindSchema, KubernetesObject } from '../../src/schemas/object-meta.ts'
import type { Plan } from '../../src/selection/plan.ts'

export interface Widget extends KubernetesObject {
  readonly phase: string
  readonly parts: readonly { readonly name: string; readonly weight: number }[]
  readonly restarts: number
}

export interface WidgetFields {
  uid: string
  name: string
  namespace?: string
  phase?: string
  /** Part name to weight. */
  parts?: Readonly<Record<string, number>>
  restarts?: number
}

export const createdSeconds = 1_600_000_000
const phases = ['Pending', 'Running']

export const widget = (fields: WidgetFields): Widget => ({
  metadata: {
    name: fields.name,
    namespace: fields.namespace ?? 'default',
    uid: fields.uid,
    resourceVersion: '',
    generation: 0,
    creationTimestamp: createdSeconds,
    deletionTimestamp: undefined,
    labels: new Map(),
    annotations: new Map(),
    ownerReferences: [],
  },
  phase: fields.phase ?? 'Running',
  parts: Object.entries(fields.parts ?? {}).map(([name, weight]) => ({ name, weight })),
  restarts: fields.restarts ?? 0,
})

const { created, stateSet, observableGauge, observableCounter } = familiesOf<Widget>()
const noSchema: KindSchema<Widget> = { fields: {} }

const widgets = resource<Widget>({
  plural: 'widgets',
  apiVersion: 'v1',
  kind: 'Widget',
  namespaced: true,
  enabledByDefault: true,
  schema: noSchema,
  identity: { namespace: ({ metadata }) => metadata.namespace, widget: ({ metadata }) => metadata.name },
  families: [
    created('widget_created', 'widget'),
    stateSet({
      name: 'widget_phase',
      help: 'Phase of the widget.',
      stability: 'stable',
      label: 'phase',
      states: phases,
      current: ({ phase }) => phase,
    }),
    observableGauge({
      name: 'widget_part_weight',
      help: 'Weight of a part.',
      stability: 'stable',
      labels: ['part'],
      callback({ parts }, observe) {
        for (const { name, weight } of parts) observe(weight, name)
      },
    }),
    observableCounter({
      name: 'widget_restarts_total',
      help: 'Restarts of the widget.',
      stability: 'stable',
      callback: ({ restarts }, observe) => observe(restarts),
    }),
  ],
})

/** The same kind once more, so that names occur under two resources. */
const gadgets = resource<Widget>({
  ...widgets,
  plural: 'gadgets',
  kind: 'Gadget',
  namespaced: false,
  identity: { gadget: ({ metadata }) => metadata.name },
  families: [
    observableGauge({
      name: 'gadget_part_weight',
      help: 'Weight of a part.',
      stability: 'stable',
      labels: ['part'],
      callback({ parts }, observe) {
        for (const { name, weight } of parts) observe(weight, name)
      },
    }),
  ],
})

export const widgetResource = 0
export const gadgetResource = 1

const plan: Plan = [widgets, gadgets].map((declared) => ({
  resource: declared,
  families: declared.families,
  labelKeys: undefined,
  annotationKeys: undefined,
}))

/** An engine of both resources, neither synced. */
export const createWidgetEngine = (now: () => number) => {
  const engine = createEngine({
    now,
    onFamilyError: (_family, _object, error) => {
      throw error
    },
    onDuplicates: () => {},
  })
  engine.apply(plan)
  return engine
}

/** What a receiver must hold for the object: series text to value. */
export const seriesOf = (resourceIndex: number, object: Widget): [string, number][] => {
  const { metadata, parts, phase, restarts } = object
  if (resourceIndex === gadgetResource) {
    return parts.map(({ name, weight }) => [`gadget_part_weight{gadget="${metadata.name}",part="${name}"}`, weight])
  }
  const identity = `namespace="${metadata.namespace}",widget="${metadata.name}"`
  return [
    [`widget_created{${identity}}`, createdSeconds],
    ...phases.map((state): [string, number] => [`widget_phase{${identity},phase="${state}"}`, Number(state === phase)]),
    ...parts.map(({ name, weight }): [string, number] => [`widget_part_weight{${identity},part="${name}"}`, weight]),
    [`widget_restarts_total{${identity}}`, restarts],
  ]
}
