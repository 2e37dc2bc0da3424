/**
 * The running program: what is started in which order, and how it ends. The servers answer from the first moment, reading
 * needs nothing else, and pushing waits for the identity of the cluster.
 */

import { randomUUID } from 'node:crypto'
import type { Config, LiveConfig } from '../config/config.ts'
import type { AnyResource } from '../families/family.ts'
import type { Plan } from '../selection/plan.ts'
import type { Servers } from '../server/servers.ts'
import type { Readiness } from '../server/telemetry-server.ts'
import { hasLimits } from '../store/limit-scope.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { createTelemetry } from '../telemetry/telemetry.ts'
import type { Clock } from '../time/clock.ts'
import { createSystemClock } from '../time/clock.ts'
import { createArrivals } from './arrivals.ts'
import { readClusterRules } from './cluster-rules.ts'
import { createLoadedRules } from './custom-resource-rules.ts'
import { createLeadership } from './leadership.ts'
import { identityFingerprint } from './plan-fingerprint.ts'
import { startPlanning } from './planning.ts'
import type { PreparedResume } from './prepare-resume.ts'
import type { ProgressSources } from './progress-publishing.ts'
import { createHandoverSource } from './progress-publishing.ts'
import type { Pushing } from './pushing.ts'
import { startPushing } from './pushing.ts'
import { createReadiness } from './readiness.ts'
import type { Reading } from './reading.ts'
import { createReading } from './reading.ts'
import type { EffectiveConfig, Reloadable, Reloading } from './reloading.ts'
import { startReloading } from './reloading.ts'
import { createReportingEngine } from './reporting-engine.ts'
import { decideAtStart } from './resume-start.ts'
import { createResumption } from './resumption.ts'
import { createRuleTexts } from './rule-texts.ts'
import { selfExport } from './self-export.ts'
import { startServing } from './serving.ts'
import { createSharding } from './sharding.ts'
import { createShards } from './shards.ts'
import { createStandbyProgress } from './standby-progress.ts'
import { observeLimits, observeStore } from './state-gauges.ts'
import { createStatusSource } from './status.ts'
import { runStopSteps, settleWithin } from './stop-steps.ts'
import { startSyncProgress } from './sync-progress.ts'

export interface ProductOptions {
  readonly config: Config
  /** All that may be selected: the built-in ones and an embedder's own. */
  readonly resources: readonly AnyResource[]
  readonly version: string
  readonly log: Log
  /** The current configuration file, for the self-metrics. */
  readonly configFile?: { readonly path: string; readonly text: string } | undefined
  /** The configuration with its sources, to show what is in effect. */
  readonly loaded?: EffectiveConfig | undefined
  /** The configuration, if it may change while the program runs. */
  readonly reloadable?: Reloadable | undefined
  /** False: no server listens. True by default. */
  readonly listen?: boolean
}

/** A running program. */
export interface Product {
  readonly store: Store
  /** Where the servers listen; undefined when they do not. */
  readonly addresses: Pick<Servers, 'metricsAddress' | 'telemetryAddress'> | undefined
  readonly metrics: SelfMetrics
  readiness(): Readiness
  /** Reads the configuration again, with the files that it names; what can be applied takes effect. */
  reload(): void
  /** Stops reading, pushes what is pending within the grace period, closes. Never rejects; safe to call twice. */
  stop(): Promise<void>
}

/** A fault that lasts is logged again once a minute. */
const repeatAfterMs = 60_000
/** How long running scrapes may take to end. */
const closeGraceMs = 2000
/** How long readers may take to end. */
const readersGraceMs = 2000

/** Starts everything. Rejects with KubernetesConfigError, WebConfigError or ListenError, and then nothing is left running. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const clock = createReportingClock(options.log)
  const telemetry = await startTelemetry(options, clock)
  try {
    return await startParts(options, telemetry, clock)
  } catch (error) {
    await telemetry.shutdown(0)
    throw error
  }
}

async function startParts(options: ProductOptions, telemetry: Telemetry, clock: Clock): Promise<Product> {
  const { config, version, log, listen = true } = options
  const { metrics } = telemetry
  const revisionOf = (resource: number) => reading.revisionOf(resource)
  const sharding = createSharding()
  const { isHeld } = sharding
  const engine = createReportingEngine({ log, metrics, now: clock.now, revisionOf, isHeld, limits: config.limits })
  const { store } = engine
  observeStore(metrics, store)
  if (hasLimits(config.limits)) observeLimits(metrics, store)
  const { rules, load: loadRules } = createLoadedRules(log, metrics, constantLabelsOf(config))
  await loadRules(config.customResources.texts)
  const userAgent = `kube-state-otlp/${version}`
  const shared = () => (leadership.isElected ? (pushing?.destinations() ?? []) : [])
  const resumption = createResumption({ engine, clock, log, metrics, shared })
  const isStandby = () => leadership.isElected && leadership.mode() === 'standby'
  const arrivals = createArrivals({ clock, isStandby })
  const reading = await createReading({
    ...{ ...config, sharding, engine, log, metrics, clock, userAgent },
    ...{ resumePoints: resumption, arrivals },
  })
  const { client } = reading
  const stopping = new AbortController()
  const planning = startPlanning({ ...options, rules, engine, reading, metrics })
  const { signal } = stopping
  const ruleTexts = createRuleTexts(config.customResources.texts, (texts) =>
    loadRules(texts)
      .then(() => void (signal.aborted || planning.rulesChanged()))
      .catch((err) => log.error({ err }, 'reading the rules for custom resources failed; please report it')),
  )
  const clusterRules = readClusterRules({ ...config, reading, ruleTexts, log })
  let pushing: Pushing | undefined
  const fingerprint = () => identityFingerprint({ ...config.otlp, limits: config.limits, split: sharding.split })
  const sources: ProgressSources = { engine, reading, fingerprint, clock }
  const standby = createStandbyProgress({ ...sources, arrivals })
  const currentHandover = createHandoverSource(sources)
  const leadership = createLeadership({
    ...{ leaderElection: config.leaderElection, client, clock, log, metrics },
    handover: (isLast) => currentHandover(pushing, isLast),
    onLeader: (published) => standby.leaderPublished(published, pushing?.destinations() ?? []),
    annotations: () => shards.handover.annotations(),
    onMode(floorMs) {
      pushing?.changeMode(floorMs)
      shards.handover.roleChanged()
    },
  })
  const shards = createShards({
    ...{ config, sharding, engine, reading, log, metrics, clock, leadership },
    drained: async () => pushing?.drained(),
    raiseTimestamps: (ms) => pushing?.changeMode(ms),
  })
  const readiness = createReadiness(reading.scopes, () => [...shards.waits(), ...(pushing?.waits() ?? [])])
  const describe = (): Readiness => {
    const { ready, lines } = readiness()
    const ignored = reading.ignoresShardSelectors ? ['shard selectors: ignored by the API server'] : []
    return { ready, lines: [...lines, ...leadership.lines(), ...shards.handover.lines(), ...ignored] }
  }
  let reloading: Reloading | undefined
  const status = createStatusSource({
    ...{ version, store, telemetry, readiness: describe },
    isPushConfigured: config.destinations.length > 0,
    destinations: () => pushing?.destinations() ?? [],
    configuration: () => reloading?.effective() ?? options.loaded,
  })
  const serving = { server: config.server, version, store, telemetry, client, clock, readiness: describe, status, log }
  const servers = listen ? await closingOnFailure(reading, () => startServing(serving)) : undefined

  const progress = startSyncProgress({ log, store, readiness, now: clock.now })
  const onChange = () => progress.changed()
  log.info({ cluster: reading.source, resources: pluralsOf(engine.plan) }, 'reading the cluster')
  const mayPush = () => leadership.mayPush() && shards.handover.mayPush()
  const election = { ...leadership, mayPush }
  const begin = (prepared?: PreparedResume) => {
    if (signal.aborted) return
    const { cluster } = prepared ?? {}
    const ofPush = { ...config, engine, client, log, metrics, clock, signal, leadership: election }
    pushing = startPushing({ ...ofPush, onChange, cluster })
    if (prepared?.kind === 'resume') resumption.begin(prepared.progress, pushing.destinations())
    leadership.start()
  }
  const { lease } = leadership
  const isPushing = config.destinations.length > 0
  // The Lease is read before this process takes it, and before anything is listed.
  const resuming = { config, client, clock, log, signal }
  const prepare = async () =>
    lease !== undefined && isPushing ? decideAtStart({ ...resuming, fingerprint: fingerprint(), lease }) : undefined
  const begun = shards.known(signal).then(prepare).then(begin)
  const reads = Promise.all([reading.run(signal, onChange, begun), shards.run(signal)])

  const apply = ({ selection, customResources }: LiveConfig) => {
    planning.select(selection, customResources.only)
    shards.select(selection)
    clusterRules.select(customResources)
    void ruleTexts.configured(customResources.texts)
  }
  reloading = options.reloadable && startReloading({ ...options.reloadable, apply, log, metrics })

  const stop = () => {
    reloading?.stop()
    progress.stop()
    stopping.abort()
    shards.handover.stop()
    return runStopSteps(log, [
      ['end of reading', () => settleWithin(Promise.resolve(reads), readersGraceMs)],
      ['last push', () => pushing?.finish()],
      ['release of the Lease', () => leadership.stop()],
      ['closing of API connections', () => reading.close()],
      ['closing of servers', () => servers?.close(closeGraceMs)],
      ['last self-telemetry', () => telemetry.shutdown()],
    ])
  }
  let stopped: Promise<void> | undefined
  return {
    store,
    metrics,
    readiness,
    addresses: servers,
    reload() {
      reloading?.reload()
      servers?.reloadWebConfig()
    },
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Labels that every destination adds, or some. */
function constantLabelsOf({ destinations }: Config): readonly string[] {
  return [...new Set(destinations.flatMap(({ constantLabels }) => [...constantLabels.keys()]))]
}

/** The clock of the whole program. */
function createReportingClock(log: Log): Clock {
  const gate = createLogGate(log, repeatAfterMs)
  return createSystemClock((failure) =>
    gate.warn('timer', { err: failure }, 'a callback of a timer failed; please report it'),
  )
}

function pluralsOf(plan: Plan): string[] {
  return plan.map(({ resource }) => resource.plural)
}

async function closingOnFailure<T>(reading: Reading, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    reading.close()
    throw error
  }
}

async function startTelemetry(options: ProductOptions, { wallMs }: Clock): Promise<Telemetry> {
  const { config, configFile, log, version } = options
  const { destinations, telemetry: telemetryConfig } = config
  const serviceInstanceId = telemetryConfig.instanceId ?? process.env.HOSTNAME ?? randomUUID()
  const telemetry = await createTelemetry({
    log,
    version,
    serviceInstanceId,
    otlp: selfExport(destinations, telemetryConfig, serviceInstanceId, log, wallMs),
  })
  if (configFile !== undefined) {
    const content = Buffer.from(configFile.text)
    telemetry.metrics.configReload({ type: 'config', filename: configFile.path, content })
  }
  return telemetry
}
