/** An error with one object affects only that object: everything else is pushed, and a stop still flushes. */
import { afterEach, expect, test } from 'vitest'
import { widgets } from '../../examples/own-resource/widgets.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

const widgetKind = { plural: 'widgets', apiVersion: 'example.org/v1', kind: 'Widget', namespaced: true }
const widget = (name: string, size: number) => ({
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'shop' },
  spec: { size },
})

/** The example's resource, whose identity fails on one of the widgets. */
const fragile: typeof widgets = {
  ...widgets,
  identity: {
    ...widgets.identity,
    widget({ metadata: { name } }) {
      if (name === 'broken') throw new Error('no such name')
      return name
    },
  },
}

test('an object whose identity throws is ignored, counted and logged once; a stop flushes the others', async () => {
  const world = await startWorld([...builtInKinds, widgetKind])
  const lines: string[] = []
  const log = createLog({ level: 'warn', format: 'text', destination: { write: (line) => void lines.push(line) } })
  world.api.objects.create('widgets', widget('broken', 1))
  world.api.objects.create('widgets', widget('cart', 1))
  const settings = { resources: { widgets: {} }, push: { interval: '1h', flush_interval: '1h' } }
  const program = await startProgram(world, settings, { resources: [...resources, fragile], log })
  const seriesOf = (name: string) => `example_widget_spec_size{namespace="shop",widget="${name}"}`
  const { liveSet } = world.receiver

  world.api.objects.update('widgets', widget('broken', 2))
  world.api.objects.update('widgets', widget('cart', 2))
  await until(async () => (await readSelfPage(program)).includes('object_errors_total{resource="widgets"} 2'))
  await program.stop()
  expect(liveSet.live().get(seriesOf('cart'))).toBe(2)
  expect(liveSet.live().has(seriesOf('broken'))).toBe(false)
  expect(lines.filter((line) => line.includes('cannot be processed'))).toHaveLength(1)
})

async function readSelfPage({ addresses }: Awaited<ReturnType<typeof startProgram>>): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/metrics`)
  return response.text()
}
