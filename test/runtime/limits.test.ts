/** Limits on series in the running program: the receiver, the page, the log and the self-metrics. */
import { afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { endWorld, readPage, startFromFile, startWorld, until } from './world.ts'

afterEach(endWorld)

const namesOf = (series: Iterable<string>) =>
  [...series].map((text) => /configmap="([^"]*)"/.exec(text)?.[1] ?? '').sort()

test('withheld series end at the receiver, are counted and reported once, and return when there is room', async () => {
  const world = await startWorld(builtInKinds, {}, { liveSet: {} })
  const { api, receiver } = world
  const create = (name: string, second: number) =>
    api.objects.create('configmaps', {
      metadata: { name, namespace: 'here', creationTimestamp: `2024-01-01T00:00:${second}Z` },
    })
  for (const [name, second] of [
    ['c', 13],
    ['b', 12],
    ['d', 14],
  ] as const)
    create(name, second)
  const { product, records } = await startFromFile(
    world,
    `resources: {configmaps: {}}
metric_allowlist: {kube_configmap_info: {}}
limits: {series_per_resource: {configmaps: 3}}`,
  )
  await until(() => product.readiness().ready)
  const live = () =>
    namesOf([...receiver.liveSet.live().keys()].filter((series) => series.startsWith('kube_configmap_info{')))
  const settled = async (...names: string[]) => {
    await until(() => String(live()) === String(names))
    expect(
      namesOf((await readPage(product)).split('\n').filter((line) => line.startsWith('kube_configmap_info{'))),
    ).toEqual(names)
  }
  const selfSeries = async () => {
    const response = await fetch(`http://127.0.0.1:${product.addresses?.telemetryAddress.port}/metrics`)
    const lines = (await response.text()).split('\n')
    return lines
      .filter((line) => line.startsWith('kube_state_otlp_series_'))
      .map((line) => line.replace(/^kube_state_otlp_series_(\w+)\{.*resource="configmaps".*\} /, '$1 '))
  }
  await settled('b', 'c', 'd')
  expect(await selfSeries()).toEqual(['limit 3', 'limit_wanted 3', 'withheld 0'])

  create('a', 11)
  await settled('a', 'b', 'c')
  create('e', 15)
  await until(async () => (await selfSeries()).includes('withheld 2'))
  expect(await selfSeries()).toEqual(['limit 3', 'limit_wanted 5', 'withheld 2'])
  await settled('a', 'b', 'c')
  const reports = () =>
    records.map(({ message }) => String(message)).filter((text) => text.startsWith('limit on series'))
  expect(reports()).toEqual(['limit on series reached: those of the youngest objects are withheld'])

  api.objects.delete('configmaps', { namespace: 'here', name: 'b' })
  await settled('a', 'c', 'd')
  for (const name of ['a', 'c']) api.objects.delete('configmaps', { namespace: 'here', name })
  await settled('d', 'e')
  expect(await selfSeries()).toEqual(['limit 3', 'limit_wanted 2', 'withheld 0'])
  expect(reports().slice(1)).toEqual(['limit on series of resource configmaps: there is room for all again'])
})
