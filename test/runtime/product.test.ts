/** The whole program on the simulator: what /metrics shows and what the receiver holds is what `render` says of the same objects. */
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { ApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { loadConfig } from '../../src/config/load.ts'
import { resourceNames } from '../../src/config/resource-names.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import type { Manifest } from '../../src/inspect/manifests.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { render } from '../../src/inspect/render.ts'
import { readCases, recordedFolder, relevantLines } from '../conformance/cases.ts'
import { endWorld, readPage, startProgram, startWorld, until } from './world.ts'

const everything = Object.fromEntries(resourceNames.map((name) => [name, {}]))
const selected = { labels_allow_list: { '*': ['*'] }, annotations_allow_list: { pods: ['*'], secrets: ['*'] } }
afterEach(endWorld)

/** Every object of the recorded cases that the simulated server takes, once. */
function fill(api: ApiServer): number {
  const pluralOf = new Map(resources.map(({ apiVersion, kind, plural }) => [`${apiVersion} ${kind}`, plural]))
  let count = 0
  for (const { path, name, rejects } of readCases(recordedFolder)) {
    if (rejects) continue
    for (const { apiVersion, kind, value } of parseManifests(readFileSync(`${path}.yaml`, 'utf8'), name)) {
      const plural = pluralOf.get(`${apiVersion} ${kind}`)
      const { metadata } = value as { metadata?: { name?: string } }
      if (plural === undefined || !metadata?.name) continue
      const object = JSON.parse(JSON.stringify(value, plainNumbers))
      const { namespace = '' } = object.metadata
      if (api.objects.get(plural, { namespace, name: metadata.name }) !== undefined) continue
      api.objects.create(plural, object)
      count++
    }
  }
  return count
}

const plainNumbers = (_key: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)

/** What `render` prints of the server's objects with the product's selection. */
function renderStored(api: ApiServer): string[] {
  const manifests: Manifest[] = resources.flatMap(({ plural, apiVersion, kind }) =>
    api.objects.list(plural).map((value) => ({ source: plural, apiVersion, kind, value })),
  )
  const file = JSON.stringify({ resources: everything, ...selected })
  const loaded = loadConfig({ argv: ['--config=x'], env: {}, readFile: () => file })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const page = [...render({ selection: loaded.config.selection, manifests, onProblem: () => {} })]
  return relevantLines(Buffer.concat(page).toString())
}

/** Series with their values, each once, as the receiver holds them. */
function seriesOf(lines: readonly string[]): Map<string, number> {
  const series = new Map<string, number>()
  for (const line of lines.filter((text) => !text.startsWith('#'))) {
    const end = line.lastIndexOf(' ')
    const name = line.slice(0, end)
    if (!series.has(name)) series.set(name, Number(line.slice(end + 1).replace('Inf', 'Infinity')))
  }
  return series
}

test('serves, pushes and updates the series that render prints for the same objects', { timeout: 60_000 }, async () => {
  const world = await startWorld(builtInKinds)
  const { api, receiver } = world
  expect(fill(api)).toBeGreaterThan(300)
  const program = await startProgram(world, { resources: everything, ...selected })

  const expected = renderStored(api)
  expect(relevantLines(await readPage(program)).sort()).toEqual(expected.toSorted())
  const wanted = seriesOf(expected)
  await until(() => receiver.liveSet.live().size >= wanted.size)
  expect(receiver.liveSet.live()).toEqual(wanted)

  for (const plural of ['pods', 'secrets', 'deployments', 'nodes']) {
    for (const object of api.objects.list(plural).slice(0, 5)) {
      const { namespace = '', name = '' } = object.metadata
      api.objects.delete(plural, { namespace, name })
    }
  }
  const rest = renderStored(api)
  await until(async () => relevantLines(await readPage(program)).length === rest.length)
  expect(relevantLines(await readPage(program)).sort()).toEqual(rest.toSorted())
  const left = seriesOf(rest)
  await until(() => receiver.liveSet.live().size <= left.size)
  expect(receiver.liveSet.live()).toEqual(left)
  expect(receiver.liveSet.counters.outOfOrder + receiver.liveSet.counters.conflicting).toBe(0)
  expect([...receiver.liveSet.problems]).toEqual([])
})

test('never asks for the data of secrets and config maps', async () => {
  const world = await startWorld(builtInKinds)
  fill(world.api)
  await startProgram(world, { resources: everything, ...selected })
  const accepts = (plural: string) =>
    world.api.requests.filter(({ path }) => path.includes(`/${plural}`)).map(({ headers }) => String(headers.accept))
  expect(accepts('secrets').length).toBeGreaterThan(0)
  for (const accept of accepts('secrets')) expect(accept).toContain('as=Table')
  for (const accept of accepts('configmaps')) expect(accept).toContain('as=PartialObjectMetadata')
})
