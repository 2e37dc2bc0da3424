/** A reflector against a scripted API server, with all calls of its handlers, its log lines and self-metrics. */

import { onTestFinished } from 'vitest'
import { createApiClient } from '../../../src/kubernetes/api-client.ts'
import type { ClusterAccess } from '../../../src/kubernetes/auth/cluster-access.ts'
import type { Outage } from '../../../src/kubernetes/outage.ts'
import type { Permits } from '../../../src/kubernetes/permits.ts'
import { createPermits } from '../../../src/kubernetes/permits.ts'
import { createReflector } from '../../../src/kubernetes/reflector/reflector.ts'
import type {
  ReflectorOptions,
  ReflectorScope,
  ReflectorTarget,
  ServerTraits,
} from '../../../src/kubernetes/reflector/target.ts'
import { createWireForm } from '../../../src/kubernetes/reflector/wire-form.ts'
import { createConnection } from '../../../src/kubernetes/transport/connection.ts'
import type { KubernetesObject } from '../../../src/schemas/object-meta.ts'
import { Pod } from '../../../src/schemas/pod.ts'
import type { LogGate } from '../../../src/telemetry/log.ts'
import { createLog, createLogGate } from '../../../src/telemetry/log.ts'
import type { SelfMetrics } from '../../../src/telemetry/self-metrics.ts'
import { createSilentSelfMetrics } from '../../../src/telemetry/self-metrics.ts'
import { delay } from '../../../src/time/clock.ts'
import type { TimeSlices } from '../../../src/time/time-slices.ts'
import { createTimeSlices } from '../../../src/time/time-slices.ts'
import type { ManualClock } from '../../time/manual-clock.ts'
import { createManualClock } from '../../time/manual-clock.ts'
import type { ScriptedApiServer } from '../scripted-api-server.ts'
import { startScriptedApiServer } from '../scripted-api-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tests look at kinds of several schemas
type AnyTarget = ReflectorTarget<any>

export const pods: AnyTarget = { plural: 'pods', apiVersion: 'v1', kind: 'Pod', form: 'object', schema: Pod }

export interface Setup {
  target?: AnyTarget
  scope?: ReflectorScope
  options?: Partial<ReflectorOptions>
  /** To be shared with another reflector. */
  traits?: ServerTraits
  /** As `traits`. */
  lists?: Permits
  /** Without one nothing is probed. */
  outage?: Outage
  slices?: TimeSlices
  server?: ScriptedApiServer
  clock?: ManualClock
  onUpserted?(object: KubernetesObject): void
  /** Called after a handler's call was recorded. */
  onCall?(word: string): void
}

export interface RunningReflector {
  readonly server: ScriptedApiServer
  readonly clock: ManualClock
  readonly traits: ServerTraits
  /** Calls of the handlers: `began`, `+name`, `-name`, `ended`, `resumed:outcome:reason`. */
  readonly calls: string[]
  readonly objects: KubernetesObject[]
  /** Messages of the log, warnings and recoveries. */
  readonly lines: { message: string; [field: string]: unknown }[]
  /** Self-metrics as `restart:ended`, `event:added`, `list:success`, `watch:error`, `unreadable`, `failed`. */
  readonly counts: string[]
  /** How often the credentials were renewed. */
  readonly renewals: { count: number }
  readonly finished: Promise<void>
  status(): string
  /** Waits for these calls of the handlers, which must be all, and clears `calls`. */
  called(...expected: string[]): Promise<void>
  /** Ends the wait before the next attempt; resolves with its length in milliseconds. */
  wait(): Promise<number>
  /** Rings the alarm of the timeout with this many milliseconds. */
  silence(ms: number): Promise<void>
  relist(): void
  stop(): void
}

const silentTimeoutMs = 180_000

/** Starts a reflector, of pods by default; it is stopped when the test ends. */
export async function runReflector(setup: Setup = {}): Promise<RunningReflector> {
  const server = setup.server ?? (await startScriptedApiServer())
  const clock = setup.clock ?? createManualClock()
  const traits = setup.traits ?? { withoutWatchList: new Set(), streamedLists: 'unknown' as const }
  const record = createRecord(setup)
  const renewals = { count: 0 }
  const client = createApiClient(createConnection({ access: accessTo(server.url, renewals), clock }), 'test')
  const target = setup.target ?? pods
  const options = { protobuf: false, watchList: true, pageLimit: 500, gzip: false, silentTimeoutMs, ...setup.options }
  const reflector = createReflector<KubernetesObject>({
    context: {
      client,
      clock,
      slices: setup.slices ?? createTimeSlices(),
      traits,
      lists: setup.lists ?? createPermits(1),
      outage: setup.outage ?? { wait: (ms, signal) => delay(clock, ms, signal).then(() => 'elapsed') },
      metrics: record.metrics,
      gate: withoutGroups(createLogGate(record.log, 60_000, clock.now)),
      random: () => 0.5,
    },
    target,
    scope: setup.scope ?? {},
    options,
    form: createWireForm(target, options),
    handlers: record.handlers,
  })
  const shutdown = new AbortController()
  const finished = reflector.run(shutdown.signal)
  finished.catch(() => {})
  onTestFinished(async () => {
    shutdown.abort()
    client.close()
    await server.close()
    await finished.catch(() => {})
  })
  return {
    ...record,
    server,
    clock,
    traits,
    renewals,
    finished,
    status: () => reflector.status(),
    async wait() {
      const alarm = await clock.alarm((ms) => ms <= 60_000 && ms !== 30_000)
      alarm.ring()
      return alarm.ms
    },
    async silence(ms) {
      ;(await clock.alarm((span) => span === ms)).ring()
    },
    relist: () => reflector.relist('resource_changed'),
    stop: () => shutdown.abort(),
  }
}

function accessTo(server: URL, renewals: { count: number }): ClusterAccess {
  return {
    generation: 1,
    server,
    source: 'a test',
    renewIfChanged() {},
    credentials: async () => ({ tls: {}, headers: { authorization: `Bearer token-${renewals.count}` } }),
    renew() {
      renewals.count += 1
    },
  }
}

type Recorded = Pick<RunningReflector, 'calls' | 'objects' | 'lines' | 'counts' | 'called'>

function createRecord(setup: Setup) {
  const recorded: Omit<Recorded, 'called'> = { calls: [], objects: [], lines: [], counts: [] }
  let listener: (() => void) | undefined
  const record = (word: string): void => {
    recorded.calls.push(word)
    listener?.()
    setup.onCall?.(word)
  }
  return {
    ...recorded,
    metrics: createCountingMetrics(recorded.counts),
    log: createLog({
      level: 'info',
      format: 'json',
      destination: { write: (line) => void recorded.lines.push(JSON.parse(line)) },
    }),
    handlers: {
      listBegan: () => record('began'),
      listEnded: () => record('ended'),
      upserted(object: KubernetesObject) {
        setup.onUpserted?.(object)
        recorded.objects.push(object)
        record(`+${object.metadata.name}`)
      },
      deleted: (object: KubernetesObject) => record(`-${object.metadata.name}`),
      resumed: (outcome: string, reason: string) => record(['resumed', outcome, reason].filter(Boolean).join(':')),
    },
    async called(...expected: string[]): Promise<void> {
      while (recorded.calls.length < expected.length) {
        await new Promise<void>((resolve) => {
          listener = resolve
        })
      }
      const received = recorded.calls.splice(0)
      if (received.join(' ') !== expected.join(' ')) {
        throw new Error(`expected the calls "${expected.join(' ')}", got "${received.join(' ')}"`)
      }
    },
  }
}

function createCountingMetrics(counts: string[]): SelfMetrics {
  return {
    ...createSilentSelfMetrics(),
    listRequest: ({ result }) => void counts.push(`list:${result}`),
    watchRequest: ({ result }) => void counts.push(`watch:${result}`),
    watchEvent: ({ resource, event }) => void counts.push(`event:${resource}:${event}`),
    watchRestart: ({ resource, reason }) => void counts.push(`restart:${resource}:${reason}`),
    decodeError: (resource) => void counts.push(`unreadable:${resource}`),
    objectError: (resource) => void counts.push(`failed:${resource}`),
  }
}

/** Writes each warning as a line of its own; the tests of the log cover how similar warnings are grouped. */
function withoutGroups({ warn, recovered }: LogGate): LogGate {
  return {
    recovered,
    warn: (key, fields, message, options) => warn(key, fields, message, { ...options, group: undefined }),
  }
}
