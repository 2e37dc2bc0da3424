/**
 * Two replicas under churn while the leader is killed, frozen, partitioned or replaced. Every second of every series' samples is
 * compared with an undisturbed instance that pushes to a Prometheus of its own.
 */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Receivers } from '../receivers.ts'
import { startReceivers } from '../receivers.ts'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { refreshMs, startFaultStack } from './fault-stack.ts'
import type { NetworkPath } from './network-path.ts'
import type { Replica } from './replica.ts'
import { compareHistories, readHistory } from './sample-history.ts'

const facts = inject('cluster')
/** Short, for scenarios in which the leader loses it; a busy machine still renews it in time. */
const leaseMs = 6000
const shortLease = [
  `--leader-election-lease-duration=${leaseMs}ms`,
  '--leader-election-renew-deadline=4500ms',
  '--leader-election-retry-period=500ms',
]
/** After a fault of the leader. The next leader refreshes in an order of its own: a gap may be an interval longer. */
const takeoverMs = leaseMs + 2000
/** A push that is under way, the flush interval, the ways through Collector and Prometheus, and a busy machine. */
const slackMs = 5000

interface Setup {
  readonly stack: FaultStack
  readonly undisturbed: Receivers
  readonly a: Replica
  readonly b: Replica
  startStandby(name: string): Promise<Replica>
  /**
   * Compares everything, writes the row; the gap has to be at most `pausedMs` above the refresh interval, or `gapMs`.
   */
  finish(scenario: string, live: readonly Replica[], pausedMs: number, gapMs?: number): Promise<void>
}

/** With the times of leader election by default, or those of `lease`. */
async function setUp(name: string, lease: readonly string[] = []): Promise<Setup> {
  const stack = await startFaultStack({ facts, name })
  onTestFinished(() => stack.stop())
  const undisturbed = await startReceivers(facts, join(stack.folder, 'undisturbed'))
  onTestFinished(() => undisturbed.stop())
  const alone = await stack.start('undisturbed', [], { receivers: undisturbed })
  const flags = ['--leader-election', `--leader-election-namespace=${stack.namespaces[0]}`, ...lease]
  const start = (replica: string, of: { readonly toCollector?: NetworkPath } = {}) =>
    stack.start(replica, [...flags, `--leader-election-identity=${replica}`], of)
  const a = await start('a')
  await a.untilLine('leader election: leading')
  const startStandby = async (replica: string) => {
    // With an endpoint of its own it would be another destination, of which the Lease says nothing.
    const standby = await start(replica, { toCollector: a.toCollector })
    await standby.untilLine('leader election: standby')
    return standby
  }
  const b = await startStandby('b')
  await stack.compare('before the fault', [a, b, alone])
  const from = Math.ceil(Date.now() / 1000)
  return {
    ...{ stack, undisturbed, a, b, startStandby },
    async finish(scenario, live, pausedMs, gapMs = pausedMs) {
      const compared = await stack.compare('after the fault', [...live, alone])
      const to = Math.floor(Date.now() / 1000) - 2
      // On a busy machine receivers answer late; what is in such a request arrives as late.
      const slowest = Math.max(...(await Promise.all([...live, alone].map((it) => it.slowestPushSeconds()))))
      const settleSeconds = (pausedMs + slackMs) / 1000 + Math.min(slowest, 10)
      const bounds = { from, to, settleSeconds, doubledWithinMs: 500 }
      const history = compareHistories(
        await readHistory(stack.receivers.prometheusUrl, from, to),
        await readHistory(undisturbed.prometheusUrl, from, to),
        bounds,
      )
      const { differing, largestGapMs, undisturbedGapMs, doubled, undisturbedDoubled, seconds } = history
      recordFault({
        scenario,
        series: compared.series,
        differing: compared.differing + differing.length,
        refused: compared.refused,
        largestGapMs,
        notes: `${seconds} seconds of ${history.series} series compared with an undisturbed instance (gap ${(undisturbedGapMs / 1000).toFixed(1)} s); doubled ${doubled.length} (${undisturbedDoubled}); slowest push ${slowest} s`,
      })
      expect(differing.slice(0, 20)).toEqual([])
      expect(compared.refused).toBe(0)
      expect(doubled.slice(0, 20)).toEqual([])
      expect(largestGapMs).toBeLessThan(undisturbedGapMs + gapMs + slackMs)
    },
  }
}

test('two replicas under churn: one pushes', async () => {
  const { stack, a, b, finish } = await setUp('churn')
  await stack.churnFor(30_000, 11)
  expect(await b.readyz()).toContain('leader election: standby; a holds the Lease')
  await finish('two replicas under churn', [a, b], 0)
})

test('the leader is killed', async () => {
  const { stack, a, b, finish } = await setUp('kill', shortLease)
  const churning = stack.churnFor(30_000, 12)
  await sleep(10_000)
  await a.peer.stop('SIGKILL')
  await b.untilLine('leader election: leading')
  await churning
  await finish('leader killed (-9)', [b], takeoverMs, takeoverMs + refreshMs)
})

test('the leader is frozen for 40 s and resumes', async () => {
  const { stack, a, b, finish } = await setUp('freeze', shortLease)
  const churning = stack.churnFor(60_000, 13)
  await sleep(5000)
  process.kill(a.peer.pid, 'SIGSTOP')
  await b.untilLine('leader election: leading')
  await sleep(40_000 - leaseMs)
  process.kill(a.peer.pid, 'SIGCONT')
  await a.untilLine('leader election: standby; b holds the Lease')
  await churning
  await finish('leader frozen for 40 s (SIGSTOP, SIGCONT)', [a, b], takeoverMs, takeoverMs + refreshMs)
})

test('the leader is partitioned from the API server only', async () => {
  const { stack, a, b, finish } = await setUp('partition-api', shortLease)
  const churning = stack.churnFor(40_000, 14)
  await sleep(5000)
  await a.toApi.set('silent')
  await b.untilLine('leader election: leading')
  expect(await a.readyz()).not.toContain('leader election: leading')
  await sleep(15_000)
  await a.toApi.set('open')
  await a.untilLine('leader election: standby; b holds the Lease')
  await churning
  await finish('leader partitioned from the API server', [a, b], takeoverMs, takeoverMs + refreshMs)
})

test('the leader is partitioned from the Collector only: it keeps the Lease, and sends what is pending afterwards', async () => {
  const { stack, a, b, finish } = await setUp('partition-collector')
  const churning = stack.churnFor(40_000, 15)
  await sleep(5000)
  await a.toCollector.set('silent')
  await sleep(20_000)
  await a.toCollector.set('open')
  await churning
  expect(await a.readyz()).toContain('leader election: leading')
  await finish('leader partitioned from the Collector for 20 s', [a, b], 20_000 + refreshMs)
})

test('rolling upgrade: surge, take over, leave, twice', async () => {
  const { stack, a, b, startStandby, finish } = await setUp('upgrade')
  const churning = stack.churnFor(30_000, 16)
  await sleep(5000)
  await a.peer.stop('SIGTERM')
  await b.untilLine('leader election: leading')
  const c = await startStandby('c')
  await b.peer.stop('SIGTERM')
  await c.untilLine('leader election: leading')
  await churning
  await finish('rolling upgrade: surge, take over, leave', [c], 1000, 1000 + refreshMs)
})
