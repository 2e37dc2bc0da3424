/** Compares the page of a replica with the lists of its API server, and with what an OTLP receiver holds. */
import { expect } from 'vitest'
import type { OtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { resources } from '../../src/families/built-in-resources.ts'
import type { AnyResource } from '../../src/families/family.ts'
import type { ApiServer } from './api-server.ts'
import { folderOf } from './corpus.ts'
import { waitFor } from './peers.ts'
import { renderLists, steadyLines } from './rendered-lists.ts'
import type { Replica } from './replicas.ts'
import { compareSeries, isEqual, parsePage } from './series.ts'

/** Every resource, and every metric. */
export const everything = [`--resources=${resources.map(({ plural }) => plural).join(',')}`, '--metric-opt-in-list=.*']

/** The resources whose lists answer 200; the others answer 404. */
export async function findServed(server: ApiServer): Promise<readonly AnyResource[]> {
  const served: AnyResource[] = []
  for (const resource of resources) {
    const answer = await server.get(`${folderOf(resource)}?limit=1`, 'application/json')
    answer.resume()
    expect([200, 404], resource.plural).toContain(answer.statusCode)
    if (answer.statusCode === 200) served.push(resource)
  }
  return served
}

export async function expectPage(replica: Replica, server: ApiServer, served: readonly AnyResource[]): Promise<void> {
  const both = async () => {
    const [shown, rendered] = await Promise.all([replica.page(), renderLists(server, served, everything)])
    return [steadyLines(shown), steadyLines(rendered)] as const
  }
  await waitFor('a page as long as the rendered lists', async () => {
    const [shown, rendered] = await both()
    return shown.length === rendered.length ? true : undefined
  })
  const [shown, rendered] = await both()
  expect(shown).toEqual(rendered)
}

/** Waits until the receiver holds the series of the page, and returns their number. */
export async function expectReceived(replica: Replica, receiver: OtlpReceiver): Promise<number> {
  return waitFor('the series of the page at the receiver', async () => {
    const shown = parsePage(await replica.page())
    const held = parsePage([...receiver.liveSet.live()].map(([series, value]) => `${series} ${value}`).join('\n'))
    return isEqual(compareSeries(shown, held)) ? shown.size : undefined
  })
}

/** The Go types whose lists were read in pages, like `*v1.Secret`; all others were streamed. */
export async function pagedLists(replica: Replica): Promise<readonly string[]> {
  const metrics = await replica.selfMetrics()
  const lines = metrics.matchAll(/^kube_state_metrics_list_total\{resource="([^"]+)",result="success".*\} [1-9]/gm)
  return [...lines].map(([, type = '']) => type)
}
