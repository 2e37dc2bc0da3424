/** Reads what series cost: of the objects in manifests, of a cluster, or from the JSON of a running instance. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { resourceName } from '../../families/resource-name.ts'
import type { Store } from '../../store/store.ts'
import type { Cardinality } from '../../survey/cardinality.ts'
import { surveyCardinality } from '../../survey/cardinality.ts'
import { PageError } from '../compare/page-reader.ts'
import type { PageSourceOptions } from '../compare/page-source.ts'
import { pageSourceOf } from '../compare/page-source.ts'
import type { RenderOptions } from '../render.ts'
import { observeManifests } from '../render.ts'
import type { WatchOptions } from '../watched-cluster.ts'
import { watchCluster } from '../watched-cluster.ts'

const rowsPerStep = 20_000
/** The path on the telemetry port of a running instance. */
const path = '/cardinality'

export async function manifestsCardinality(options: RenderOptions): Promise<Cardinality> {
  return survey(observeManifests(options).store)
}

/** Rejects with PageError. */
export async function clusterCardinality(options: WatchOptions): Promise<Cardinality> {
  const cluster = await watchCluster(options)
  try {
    return await survey(cluster.store)
  } finally {
    await cluster.stop()
  }
}

async function survey(store: Store): Promise<Cardinality> {
  const nameOf = (resource: number) => resourceName(store.registry.resource(resource))
  const steps = surveyCardinality(store, { nameOf, perStep: rowsPerStep })
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    await nextTurn()
  }
}

/**
 * `place` is the URL of the telemetry port, with or without the path, or a file, or `-`: the JSON of an instance, or of this
 * command. Rejects with PageError.
 */
export async function savedCardinality(
  place: string,
  options: PageSourceOptions,
  signal: AbortSignal,
): Promise<Cardinality> {
  const source = pageSourceOf(withPath(place), options)
  const chunks: Uint8Array[] = []
  for await (const chunk of await source.open(signal)) chunks.push(chunk)
  const document = parse(Buffer.concat(chunks).toString())
  if (!isCardinality(document)) throw new PageError(`${source.name} is not a document of kube-state-otlp cardinality`)
  return document
}

function withPath(place: string): string {
  if (!/^https?:/i.test(place) || !URL.canParse(place)) return place
  const url = new URL(place)
  if (url.pathname === '/') url.pathname = path
  return url.href
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const lists = ['limits', 'resources', 'families', 'labels', 'namespaces']

function isCardinality(document: unknown): document is Cardinality {
  if (typeof document !== 'object' || document === null || !('total' in document)) return false
  const content = document as Readonly<Record<string, unknown>>
  return typeof content.total === 'object' && lists.every((key) => Array.isArray(content[key]))
}
