/** The example of an embedder's own resource: read, shown and pushed by the same engine, and handed to the SDK. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterEach, expect, test } from 'vitest'
import { widgets } from '../../examples/own-resource/widgets.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import { SettingsError, startStateMetrics } from '../../src/runtime/embed.ts'
import { endWorld, readPage, startProgram, startWorld, until } from './world.ts'

const widgetKind = { plural: 'widgets', apiVersion: 'example.org/v1', kind: 'Widget', namespaced: true }
const widget = (name: string, phase: string) => ({
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: '2026-01-02T03:04:05Z' },
  spec: { size: 3, colour: 'red' },
  status: {
    phase,
    parts: [
      { name: 'wheel', ready: 4 },
      { name: 'axle', ready: 2 },
    ],
  },
})
const settings = { resources: { namespaces: {}, widgets: {} } }

afterEach(endWorld)

async function startWithWidgets() {
  const world = await startWorld([...builtInKinds, widgetKind])
  world.api.objects.create('namespaces', { metadata: { name: 'shop' } })
  world.api.objects.create('widgets', widget('cart', 'Assembled'))
  const program = await startProgram(world, settings, { resources: [...resources, widgets] })
  return { world, program }
}

test('own families stand beside the built-in ones, on the page and on the wire', async () => {
  const { world, program } = await startWithWidgets()
  const page = await readPage(program)
  expect(page).toContain('kube_namespace_created{namespace="shop"}')
  expect(page).toContain('example_widget_info{namespace="shop",widget="cart",colour="red"} 1')
  expect(page).toContain('example_widget_part_ready{namespace="shop",widget="cart",part="axle"} 2')

  const assembled = 'example_widget_status_phase{namespace="shop",widget="cart",phase="Assembled"}'
  const { liveSet } = world.receiver
  await until(() => liveSet.live().get(assembled) === 1)
  world.api.objects.update('widgets', widget('cart', 'Broken'))
  await until(() => liveSet.live().get(assembled) === 0)
  world.api.objects.delete('widgets', { namespace: 'shop', name: 'cart' })
  await until(() => ![...liveSet.live().keys()].some((name) => name.startsWith('example_widget')))
})

test('a reader of the SDK carries the same series', async () => {
  const { program } = await startWithWidgets()
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [program.metricProducer] })
  const provider = new MeterProvider({ readers: [reader] })
  await provider.forceFlush()
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const parts = metrics.find(({ descriptor }) => descriptor.name === 'example_widget_part_ready')
  expect(parts?.dataPoints.map(({ attributes, value }) => ({ ...attributes, value }))).toEqual([
    { namespace: 'shop', widget: 'cart', part: 'wheel', value: 4 },
    { namespace: 'shop', widget: 'cart', part: 'axle', value: 2 },
  ])
  await provider.shutdown()
})

test('invalid settings are rejected, with all problems at once', async () => {
  const start = startStateMetrics({ settings: { resources: { gadgets: {} }, push: { interval: 'soon' } } })
  await expect(start).rejects.toThrow(SettingsError)
  await expect(start).rejects.toThrow(/gadgets[\s\S]*push.interval|push.interval[\s\S]*gadgets/)
})

test('a resource declared twice is refused', async () => {
  await expect(startStateMetrics({ resources: [...resources, widgets, widgets] })).rejects.toThrow(
    /widgets is declared twice/,
  )
})
