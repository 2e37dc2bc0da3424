/** Shards of the product as processes at one API server. */

import { expect, onTestFinished, vi } from 'vitest'
import type { Peer } from './peers.ts'
import { freePort, startPeer, waitForUrl } from './peers.ts'
import { fetchText } from './receivers.ts'
import { parsePage } from './series.ts'

export interface ShardProcess {
  readonly peer: Peer
  page(): Promise<Map<string, number>>
  /** Until it waits for no other shard. */
  settled(): Promise<void>
  /** Bytes of the API server's responses with objects, after decompression. */
  bytesRead(): Promise<number>
  /** Stale markers that are not acknowledged. */
  pendingMarkers(): Promise<number>
}

export interface ShardProcessOptions {
  readonly kubeconfig: string
  readonly folder: string
  /** Comma-separated. */
  readonly resources: string
  readonly namespace: string
}

/** Starts a process, and waits until it is ready. It ends with the test. */
export async function startShardProcess(
  name: string,
  { kubeconfig, folder, resources, namespace }: ShardProcessOptions,
  flags: readonly string[],
): Promise<ShardProcess> {
  const [port, telemetryPort] = [await freePort(), await freePort()]
  const own = [`--port=${port}`, `--telemetry-port=${telemetryPort}`, '--host=127.0.0.1', '--telemetry-host=127.0.0.1']
  const always = [`--kubeconfig=${kubeconfig}`, `--resources=${resources}`, `--namespaces=${namespace}`]
  const peer = startPeer(name, [process.execPath, 'src/main.ts', ...always, ...own, ...flags], folder)
  onTestFinished(() => peer.stop('SIGKILL'))
  const ask = (path: string) => fetchText(`http://127.0.0.1:${telemetryPort}${path}`)
  await waitForUrl(`http://127.0.0.1:${telemetryPort}/readyz`)
  return {
    peer,
    page: async () => parsePage(await fetchText(`http://127.0.0.1:${port}/metrics`)),
    settled: () =>
      vi.waitFor(async () => expect(await ask('/readyz')).not.toContain('shards:'), { timeout: 60_000, interval: 50 }),
    async pendingMarkers() {
      const lines = (await ask('/metrics')).matchAll(/^kube_state_otlp_push_pending_stale_markers(?:\{.*\})? (\d+)$/gm)
      return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
    },
    async bytesRead() {
      const lines = (await ask('/metrics')).matchAll(
        /^kube_state_otlp_api_read_bytes_total\{resource="(.*?)".*\} (\d+)$/gm,
      )
      return [...lines].reduce(
        (sum, [, kind, bytes]) => sum + (resources.includes(kind as string) ? Number(bytes) : 0),
        0,
      )
    },
  }
}

/** The pages of all shards together; fails when two have the same series. */
export async function unionOf(shards: readonly Pick<ShardProcess, 'page'>[]): Promise<Map<string, number>> {
  const pages = await Promise.all(shards.map((shard) => shard.page()))
  const all = new Map(pages.flatMap((page) => [...page]))
  expect(all.size).toBe(pages.reduce((sum, page) => sum + page.size, 0))
  return all
}
