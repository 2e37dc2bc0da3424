/** What the Leases of the other shards say about a division of the objects: who may still send by another one. */

import type { Lease } from '../kubernetes/coordination/lease.ts'
import type { LeaseClient } from '../kubernetes/coordination/lease-client.ts'
import { isRefused } from '../kubernetes/coordination/lease-client.ts'
import type { Clock } from '../time/clock.ts'
import { lastTimestampIn, timestampFloor } from './handover.ts'

export interface OtherShardsOptions {
  /** By ordinal. */
  readonly leaseOf: (ordinal: number) => Pick<LeaseClient, 'read'>
  readonly ownOrdinal: number
  /** The first ordinal that the present division does not have. Above it, Leases are read up to the first that does not exist. */
  readonly endOrdinal: number
  /** Whether the holder of a Lease has applied the present division. */
  readonly hasApplied: (lease: Lease) => boolean
  /** How long a shard may push without a renewal. */
  readonly renewDeadlineMs: number
  readonly clock: Pick<Clock, 'now' | 'wallMs'>
}

export interface OtherShards {
  /**
   * The ordinals of shards that may send by another division. Those that may not are not asked again. Rejects when a Lease
   * cannot be read.
   */
  blocking(signal: AbortSignal): Promise<readonly number[]>
  /** The timestamp that those of objects that are gained have to exceed, by the Leases that were read; 0 without any. */
  timestampFloorMs(): number
}

export function createOtherShards({ leaseOf, ownOrdinal, endOrdinal, ...options }: OtherShardsOptions): OtherShards {
  const { hasApplied, renewDeadlineMs, clock } = options
  const passed = new Set([ownOrdinal])
  /** By ordinal, of the Lease that was read last: one that is read while its shard still sends allows for more than it says. */
  const floors = new Map<number, number>()
  const seen = new Map<number, { readonly version: string; readonly atMs: number }>()

  /** Expiry is judged by our own clock, from when we first saw this version. */
  function hasExpired(ordinal: number, { version, durationMs }: Lease): boolean {
    const before = seen.get(ordinal)
    if (before?.version === version) return clock.now() - before.atMs >= durationMs
    seen.set(ordinal, { version, atMs: clock.now() })
    return false
  }
  /** A shard that has applied the division wrote it with the timestamp of its last request for objects that it lost, or later. */
  function floorOf(lease: Lease): number {
    const wallMs = clock.wallMs()
    return hasApplied(lease) ? lastTimestampIn(lease, wallMs) : timestampFloor(lease, renewDeadlineMs, wallMs)
  }
  /** Whether there is such a Lease. */
  async function ask(ordinal: number, signal: AbortSignal): Promise<boolean> {
    if (passed.has(ordinal)) return true
    const lease = await leaseOf(ordinal).read(signal)
    if (lease !== undefined) floors.set(ordinal, floorOf(lease))
    if (lease === undefined || lease.holder === '' || hasApplied(lease) || hasExpired(ordinal, lease))
      passed.add(ordinal)
    return lease !== undefined
  }
  /** Rights may be to the Leases of the present division alone; then nobody can say what is beyond. */
  async function askBeyond(ordinal: number, signal: AbortSignal): Promise<boolean> {
    try {
      return await ask(ordinal, signal)
    } catch (error) {
      if (isRefused(error, 403)) return false
      throw error
    }
  }
  return {
    timestampFloorMs: () => Math.max(0, ...floors.values()),
    async blocking(signal) {
      await Promise.all(Array.from({ length: endOrdinal }, (_, ordinal) => ask(ordinal, signal)))
      let end = endOrdinal
      while (await askBeyond(end, signal)) end++
      return Array.from({ length: end }, (_, ordinal) => ordinal).filter((ordinal) => !passed.has(ordinal))
    },
  }
}
