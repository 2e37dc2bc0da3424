/** A resource for a custom kind: the schema of the fields that are read, and the metric families. */

import type { ObjectOf } from 'kube-state-otlp'
import { bool, familiesOf, int, list, message, ObjectMeta, resource, schema, string } from 'kube-state-otlp'

// Custom resources are read as JSON, so the (protobuf) field numbers only have to be unique.
const Widget = schema({
  metadata: message(1, ObjectMeta),
  spec: message(2, schema({ size: int(1), colour: string(2), paused: bool(3) })),
  status: message(
    3,
    schema({
      phase: string(1),
      parts: list(message(2, schema({ name: string(1), ready: int(2) }))),
    }),
  ),
})
type Widget = ObjectOf<typeof Widget>

const { created, info, labels, observableGauge, stateSet, value } = familiesOf<Widget>()

export const widgets = resource<Widget>({
  plural: 'widgets',
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  namespaced: true,
  enabledByDefault: true,
  schema: Widget,
  identity: { namespace: ({ metadata }) => metadata.namespace, widget: ({ metadata }) => metadata.name },
  families: [
    created('example_widget_created', 'widget'),
    labels('example_widget_labels', 'widget'),
    info({
      name: 'example_widget_info',
      help: 'Colour of the widget, as a label; always 1.',
      stability: 'alpha',
      labels: { colour: ({ spec }) => spec.colour },
    }),
    value({
      name: 'example_widget_spec_size',
      help: 'Desired size of the widget.',
      stability: 'alpha',
      of: ({ spec }) => spec.size,
    }),
    stateSet({
      name: 'example_widget_status_phase',
      help: 'Phase of the widget: 1 for the current phase, 0 for the others.',
      stability: 'alpha',
      label: 'phase',
      states: ['Pending', 'Assembled', 'Broken'],
      current: ({ status }) => status.phase || undefined,
    }),
    observableGauge({
      name: 'example_widget_part_ready',
      help: 'Number of ready pieces of each part.',
      stability: 'alpha',
      labels: ['part'],
      callback({ status }, observe) {
        for (const { name, ready } of status.parts) observe(ready, name)
      },
    }),
  ],
})
