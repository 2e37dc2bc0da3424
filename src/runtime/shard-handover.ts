/**
 * Handover between shards by their Leases: each publishes the division of the objects that it has applied, with which no
 * request with objects of other shards is in flight. A shard sends what it gains once all others have published the same.
 */

import type { Role } from '../kubernetes/coordination/election.ts'
import type { Lease } from '../kubernetes/coordination/lease.ts'
import type { LeaseClient } from '../kubernetes/coordination/lease-client.ts'
import { nameOfSplit } from '../selection/shard-split.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/clock.ts'
import { createOtherShards } from './other-shards.ts'
import type { Sharding } from './sharding.ts'

/** The division that the holder has applied: `jump/3`. */
const splitAnnotation = 'kube-state-otlp/shard-split'

export interface ShardHandoverOptions {
  readonly sharding: Pick<Sharding, 'split' | 'release'>
  /** Of our Lease. */
  readonly ordinal: number
  readonly leaseOf: (ordinal: number) => Pick<LeaseClient, 'read'>
  /** How long a Lease lasts without a renewal. */
  readonly durationMs: number
  readonly renewDeadlineMs: number
  /** Of this replica in the election of the shard's leader. */
  readonly role: () => Role
  /** Our Lease as it was last written. */
  readonly lease: () => Lease | undefined
  /** Resolves when all requests that are in flight now have ended. */
  readonly drained: () => Promise<void>
  /** What was held may be sent, with timestamps above `floorMs`. */
  readonly onRelease: (floorMs: number) => void
  readonly clock: Clock
  readonly gate: LogGate
  /** Time between two looks at the Leases of other shards. */
  readonly pollMs?: number
}

export interface ShardHandover {
  /** Whether objects that are gained are to be held. */
  isCoordinated(): boolean
  /** Whether a request may begin, as far as other shards are concerned. */
  mayPush(): boolean
  /** For our Lease. */
  annotations(): Readonly<Record<string, string>>
  /** The split has changed; `handedOver` resolves when the store has no objects of other shards. */
  changed(handedOver: Promise<void>): void
  roleChanged(): void
  /** What is waited for, for /readyz. */
  lines(): readonly string[]
  stop(): void
}

/** For shards without leader election: nothing is coordinated. */
export const withoutHandover: ShardHandover = {
  isCoordinated: () => false,
  mayPush: () => true,
  annotations: () => ({}),
  changed() {},
  roleChanged() {},
  lines: () => [],
  stop() {},
}

const fault = 'shards/handover'
const defaultPollMs = 500

export function createShardHandover(options: ShardHandoverOptions): ShardHandover {
  const { sharding, ordinal, leaseOf, durationMs, role, lease, drained, onRelease, clock, gate } = options
  const { renewDeadlineMs, pollMs = defaultPollMs } = options
  /** The name of the split that is published. */
  let applied: string | undefined
  let changes = 0
  /** False until the other shards have been asked, at the start and after each time without the Lease. */
  let isOpen = false
  let blocking: readonly number[] = []
  let waiting: AbortController | undefined

  const nameNow = () => sharding.split && nameOfSplit(sharding.split)
  const isPublished = () => applied === nameNow() && lease()?.annotations[splitAnnotation] === applied

  function release(floorMs: number): void {
    waiting = undefined
    blocking = []
    isOpen = true
    sharding.release()
    onRelease(floorMs)
  }

  function otherShards() {
    const { shard, totalShards } = sharding.split ?? { shard: ordinal, totalShards: 1 }
    // Ordinals of a StatefulSet may begin above 0.
    const endOrdinal = shard < totalShards ? ordinal - shard + Math.max(1, totalShards) : 0
    const name = nameNow()
    const hasApplied = ({ annotations }: Lease) => annotations[splitAnnotation] === name
    return createOtherShards({ leaseOf, ownOrdinal: ordinal, endOrdinal, hasApplied, renewDeadlineMs, clock })
  }

  /** True when nobody sends by another split. Our own Lease comes first, so that of two shards one sees the other. */
  async function look(others: ReturnType<typeof otherShards>, signal: AbortSignal): Promise<boolean> {
    if (!isPublished()) return false
    try {
      blocking = await others.blocking(signal)
      return blocking.length === 0
    } catch (error) {
      if (!signal.aborted) gate.warn(fault, { err: error }, 'the Leases of other shards cannot be read; retrying')
      return false
    }
  }

  async function settle(signal: AbortSignal): Promise<void> {
    const untilMs = clock.now() + 2 * durationMs
    const others = otherShards()
    let isSettled = false
    while (!isSettled && !signal.aborted && clock.now() < untilMs) {
      isSettled = await look(others, signal)
      if (!isSettled) await delay(clock, pollMs, signal)
    }
    if (signal.aborted) return
    if (isSettled) gate.recovered(fault, 'the shards agree')
    else gate.warn(fault, { split: nameNow(), shards: blocking, waitedSeconds: (2 * durationMs) / 1000 }, notAgreed)
    release(others.timestampFloorMs())
  }

  function wait(): void {
    waiting?.abort()
    waiting = undefined
    if (role() === 'unelected') release(0)
    if (role() !== 'leading' || sharding.split === undefined) return
    waiting = new AbortController()
    settle(waiting.signal).catch((failure) =>
      gate.warn(fault, { err: failure }, 'the handover failed; please report it'),
    )
  }

  return {
    isCoordinated: () => role() !== 'unelected',
    mayPush: () => isOpen,
    annotations: () => (applied === undefined ? {} : { [splitAnnotation]: applied }),
    changed(handedOver) {
      const change = ++changes
      void handedOver.then(drained).then(() => {
        if (change === changes) applied = nameNow()
      })
      wait()
    },
    roleChanged() {
      if (role() !== 'leading') isOpen = false
      wait()
    },
    lines() {
      if (waiting === undefined) return []
      return [
        `shards: waiting until ${blocking.length === 0 ? 'the Leases are' : `shard ${blocking.join(', ')} is`} up to date`,
      ]
    },
    stop: () => waiting?.abort(),
  }
}

const notAgreed =
  'other shards hold their Leases and have not applied the same number of shards; pushing nevertheless. Check that all have the same configuration'
