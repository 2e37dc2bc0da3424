/** The page of this program for the comparison, of manifests or of a cluster. */

import { createExposition } from '../../server/exposition.ts'
import type { RenderOptions } from '../render.ts'
import { render } from '../render.ts'
import type { WatchOptions } from '../watched-cluster.ts'
import { watchCluster } from '../watched-cluster.ts'
import type { PageSource } from './page-source.ts'

/** The page that `render` prints for the manifests. */
export function manifestsPage(options: RenderOptions): PageSource {
  return { name: 'the rendered page', isLive: false, isOnce: false, open: async () => piecewise(render(options)) }
}

/** The page of a watched cluster. */
export interface ClusterPage extends PageSource {
  close(): Promise<void>
}

const sliceBytes = 1024 * 1024

/** Watches the cluster without serving or pushing; resolves once all lists are complete. Rejects with PageError. */
export async function clusterPage(options: WatchOptions): Promise<ClusterPage> {
  const cluster = await watchCluster(options)
  const openPage = createExposition(cluster.store, { sliceBytes })
  return {
    name: 'the page of the cluster',
    isLive: true,
    isOnce: false,
    open: async () => piecewise(openPage({ format: 'text', includes: () => true })),
    close: () => cluster.stop(),
  }
}

/** Yields to the event loop between slices, so that watches continue. */
async function* piecewise(slices: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const slice of slices) {
    yield slice
    await new Promise((resolve) => setImmediate(resolve))
  }
}
