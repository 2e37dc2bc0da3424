/**
 * Owns the whole program as one value: what is started in which order, and how it ends. The servers answer from the
 * first moment, reading needs nothing else, and pushing waits for the cluster's name.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import type { AnyResource } from '../families/family.ts'
import { createAccessReview } from '../kubernetes/coordination/access-review.ts'
import { createPlan } from '../selection/create-plan.ts'
import { createExposition } from '../server/exposition.ts'
import { contentTypes } from '../server/negotiation.ts'
import type { Servers } from '../server/servers.ts'
import { createServers } from '../server/servers.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import type { Engine } from './engine.ts'
import { createEngine } from './engine.ts'
import { startPushing } from './pushing.ts'
import type { ReadinessAnswer } from './readiness.ts'
import { createReadiness } from './readiness.ts'
import type { Reading } from './reading.ts'
import { createReading } from './reading.ts'
import { selfExport } from './self-export.ts'
import { observeStore } from './state-gauges.ts'
import { createSyncProgress } from './sync-progress.ts'
import { deferToEventLoop } from './time-slices.ts'

export interface ProductOptions {
  readonly config: Config
  /** All that may be selected: the built-in ones and an embedder's own. */
  readonly resources: readonly AnyResource[]
  readonly version: string
  readonly log: Log
  /** The configuration file that is in force, for the self-metrics. */
  readonly configFile?: { readonly path: string; readonly text: string } | undefined
  /** False: no server listens. True by default. */
  readonly listen?: boolean
}

/** A running program. */
export interface Product {
  readonly store: Store
  /** Where the servers listen; undefined when they do not. */
  readonly addresses: Pick<Servers, 'metricsAddress' | 'telemetryAddress'> | undefined
  readonly metrics: SelfMetrics
  readiness(): ReadinessAnswer
  /** Stops reading, pushes what is owed within the grace period, closes. Safe to call twice. */
  stop(): Promise<void>
}

const progressEveryMs = 5000
const departedMaxAgeMs = 300_000
const closeGraceMs = 2000
/** What a line of a page takes, about: slices are configured in rows and filled in bytes. */
const typicalLineBytes = 200

/** Starts everything. Rejects with KubernetesConfigError or ListenError, and then nothing is left running. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { config, log, version } = options
  const telemetry = await startTelemetry(options)
  const { metrics } = telemetry
  metrics.sharding({ ordinal: config.selection.shard, total: Math.max(1, config.selection.totalShards) })
  if (options.configFile !== undefined) {
    const { path, text } = options.configFile
    metrics.configReload({ type: 'config', filename: path, content: Buffer.from(text) })
  }
  const engine = createReportingEngine(options, metrics)
  observeStore(metrics, engine.store)
  try {
    const reading = await createReading({ ...config, engine, log, metrics, userAgent: `kube-state-otlp/${version}` })
    const readiness = createReadiness(reading.scopes)
    const servers =
      options.listen === false ? undefined : await startServers(options, engine, telemetry, { reading, readiness })
    return run(options, { telemetry, engine, reading, servers, readiness })
  } catch (error) {
    await telemetry.shutdown(0)
    throw error
  }
}

interface Parts {
  readonly telemetry: Telemetry
  readonly engine: Engine
  readonly reading: Reading
  readonly servers: Servers | undefined
  readonly readiness: () => ReadinessAnswer
}

function run({ config, log }: ProductOptions, { telemetry, engine, reading, servers, readiness }: Parts): Product {
  const ending = new AbortController()
  const { signal } = ending
  const { metrics } = telemetry
  const { store } = engine
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)
  log.info(
    { cluster: reading.source, resources: engine.plan.map(({ resource }) => resource.plural) },
    'reading the cluster',
  )
  const reads = reading.run(signal)
  const pushing = startPushing({ ...config, store, client: reading.client, log, metrics, signal, wait }).catch(
    (err) => {
      log.error({ err }, 'object state cannot be pushed; please report it')
      return undefined
    },
  )
  if (config.otlp.endpoint === undefined)
    log.info('no OTLP endpoint is set: series are shown on /metrics and not pushed')
  const tellProgress = createSyncProgress({ log, store, readiness, monotonicMs: () => performance.now() })
  const progress = setInterval(tellProgress, progressEveryMs)
  const stop = async () => {
    clearInterval(progress)
    ending.abort()
    await reads
    const pusher = await pushing
    const isDone = (await pusher?.flush(config.push.shutdownGraceMs)) ?? true
    if (!isDone) log.warn('stopped with changes that could not be pushed in time')
    reading.close()
    await servers?.close(closeGraceMs)
    await telemetry.shutdown()
  }
  let stopped: Promise<void> | undefined
  return {
    store,
    metrics,
    readiness,
    addresses: servers,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

function startTelemetry({ config: { otlp, telemetry }, log, version }: ProductOptions): Promise<Telemetry> {
  const serviceInstanceId = telemetry.instanceId ?? process.env.HOSTNAME ?? randomUUID()
  return createTelemetry({
    log,
    version,
    serviceInstanceId,
    otlp: selfExport(otlp, telemetry, serviceInstanceId, log),
  })
}

/** An engine whose troubles are counted and told. */
function createReportingEngine({ config, resources, log }: ProductOptions, metrics: SelfMetrics): Engine {
  const gate = createLogGate(log, 60_000)
  const engine = createEngine({
    now: () => performance.now(),
    ...(config.otlp.endpoint === undefined ? {} : { push: { maxDeparted: config.push.maxDeparted, departedMaxAgeMs } }),
    onFamilyError(family, resource, { metadata }, error) {
      metrics.familyError(resource.plural, family.name)
      const { namespace, name } = metadata
      gate.warn(
        `family/${family.name}`,
        { family: family.name, namespace, name, err: error },
        'a family failed on an object',
      )
    },
    // Thrown in a callback of the event loop, a failure would end the process.
    defer: (step) =>
      deferToEventLoop(() => {
        try {
          step()
        } catch (failure) {
          gate.warn('engine/slice', { err: failure }, 'a step of long work failed; please report it')
        }
      }),
    onDuplicates(resource, _object, count) {
      metrics.duplicateObservations(resource.plural, count)
    },
  })
  engine.apply(createPlan(resources, config.selection))
  return engine
}

function startServers(
  { config: { server }, version, log }: ProductOptions,
  { store }: Engine,
  telemetry: Telemetry,
  { reading, readiness }: Pick<Parts, 'reading' | 'readiness'>,
): Promise<Servers> {
  const authorise = server.authFilter
    ? createAccessReview({ client: reading.client, clock: reading.clock, gate: createLogGate(log, 60_000) })
    : undefined
  const openPage = createExposition(store, { sliceBytes: server.sliceRows * typicalLineBytes })
  return createServers({
    ...server,
    authorise,
    version,
    log,
    metrics: telemetry.metrics,
    metricsListen: { host: server.host, port: server.port },
    telemetryListen: { host: server.telemetryHost, port: server.telemetryPort },
    readiness,
    selfPage: () => telemetry.page(),
    openPage: ({ format, resources: only, excludeResources: without }) => ({
      contentType: contentTypes[format],
      slices: openPage({ format, includes: (name) => (only?.has(name) ?? true) && !without?.has(name) }),
    }),
  })
}
