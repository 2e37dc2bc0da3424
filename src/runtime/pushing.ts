/** The push to all destinations, from before the identity of the cluster is known until the last request. */

import type { DestinationConfig } from '../config/destination-config.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { createLogGate } from '../telemetry/log.ts'
import { delay } from '../time/clock.ts'
import { readClusterIdentity } from './cluster-identity.ts'
import type { DestinationPush, PushSurroundings } from './destination-push.ts'
import { startDestinationPush } from './destination-push.ts'

export interface PushingOptions extends PushSurroundings {
  readonly destinations: readonly DestinationConfig[]
  readonly otlp: { readonly instanceId: string | undefined }
  readonly push: { readonly shutdownGraceMs: number }
  readonly client: ApiClient
  /** The identity of the cluster in OTLP, if it is known already. */
  readonly cluster?: string | undefined
  /** What `waits` returns has changed. */
  readonly onChange: () => void
}

export interface Pushing {
  /** What keeps a push from beginning, a line each. */
  waits(): readonly string[]
  /** The mode of the leadership may have changed; `floorMs` is the timestamp that ours have to exceed from now on. */
  changeMode(floorMs: number): void
  /** The identity of the cluster in OTLP; undefined before it is known, and when nothing is pushed. */
  cluster(): string | undefined
  /** The destinations that are pushed to by now, in the order of the configuration. */
  destinations(): readonly DestinationPush[]
  /** Resolves when the requests that are in flight now, to any destination, have ended. */
  drained(): Promise<void>
  /** After the signal aborted: sends what is pending within the grace period, and logs whether all was delivered. */
  finish(): Promise<void>
}

const repeatAfterMs = 60_000

/**
 * Starts the push to each destination as soon as it has an identity for the cluster. Each has a ledger, a schedule and
 * connections of its own, so that one that hangs or refuses delays no other.
 */
export function startPushing(options: PushingOptions): Pushing {
  const { destinations, log, onChange } = options
  if (destinations.length === 0) log.info('no OTLP endpoint is set: series are served on /metrics and not pushed')
  let waitReason: string | undefined
  let floorMs = 0
  let identifying: Promise<string | undefined> | undefined
  const failed = new Set<string>()
  const running = new Map<DestinationConfig, DestinationPush>()
  const waitFor = (reason: string | undefined) => {
    waitReason = reason
    onChange()
  }
  let cluster = options.otlp.instanceId ?? options.cluster
  /** The identity of the cluster, read once for all destinations. Undefined when the signal aborted before it was known. */
  const clusterId = async () => {
    identifying ??= identify(options, waitFor)
    cluster = await identifying
    return cluster
  }
  const start = async (destination: DestinationConfig) => {
    const instanceId = destination.instanceId ?? cluster ?? (await clusterId())
    if (instanceId === undefined) return
    const opened = startDestinationPush(destination, instanceId, options)
    running.set(destination, opened)
    opened.follow(floorMs)
  }
  const starting = destinations.map((destination) =>
    start(destination).catch((err: unknown) => {
      log.error({ err, destination: destination.name }, 'object state cannot be pushed; please report it')
      failed.add(destination.name)
      onChange()
    }),
  )
  return {
    waits: () => [
      ...(waitReason === undefined ? [] : [`push: ${waitReason}`]),
      ...[...failed].map((name) => `push to ${name}: failed to start; see the log`),
    ],
    changeMode(ms) {
      floorMs = Math.max(floorMs, ms)
      for (const opened of running.values()) opened.follow(floorMs)
    },
    cluster: () => (running.size === 0 ? undefined : cluster),
    destinations: () => destinations.flatMap((destination) => running.get(destination) ?? []),
    async drained() {
      await Promise.all([...running.values()].map((opened) => opened.drained()))
    },
    async finish() {
      await Promise.all(starting)
      await Promise.all(destinations.map((destination) => finishOne(options, destination, running.get(destination))))
    },
  }
}

async function finishOne(
  { push, log }: PushingOptions,
  { name, endpoint }: DestinationConfig,
  opened: DestinationPush | undefined,
): Promise<void> {
  if (opened !== undefined) return opened.finish(push.shutdownGraceMs)
  log.warn({ destination: name, endpoint: endpoint.url }, 'stopped before pushing began: nothing was delivered')
}

async function identify(
  { client, clock, signal, log }: PushingOptions,
  waitFor: (reason: string | undefined) => void,
): Promise<string | undefined> {
  const gate = createLogGate(log, repeatAfterMs)
  const fault = 'push/cluster-identity'
  waitFor('waiting for the UID of the namespace kube-system')
  const instanceId = await readClusterIdentity({
    read: (path, until) => client.sendJson({ path, signal: until }),
    signal,
    wait: (ms) => delay(clock, ms, signal),
    onFailure(message, error) {
      gate.warn(fault, { err: error }, message)
      waitFor(message)
    },
  })
  if (instanceId === undefined) return undefined
  gate.recovered(fault, 'the identity of the cluster is known')
  waitFor(undefined)
  return instanceId
}
