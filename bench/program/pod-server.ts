/**
 * A simulated API server with any number of pods of 7 KB as a process of its own, which generates each when it is sent.
 * Arguments: the number of pods. Its parent process gives it commands by IPC.
 */

import { createApiServer } from '../../simulator/api/api-server.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { createAuthority } from '../../test/simulator/otlp/certificates.ts'
import { createPodFrames } from './pod-frames.ts'
import { createPodPopulation } from './pod-population.ts'
import type { PodServerCommand, PodServerReport } from './pod-server-process.ts'
import { createPodWatches } from './pod-watches.ts'

const population = createPodPopulation(Number(process.argv[2]))
const watches = createPodWatches(population, createPodFrames())
const authority = createAuthority('bench')
const api = await createApiServer({
  kinds: builtInKinds,
  tls: authority.issueLeaf('api'),
  authority: authority.cert,
  intercept: watches.serve,
})
api.objects.create('namespaces', { metadata: { name: 'kube-system' } })

/** The watches see most of the changes; the rest is in the list that follows. */
async function churn(generation: number): Promise<void> {
  await watches.whenListed()
  await watches.send(population.churn(generation))
  watches.end()
  population.replaceUnseen(generation)
}

const report = (): PodServerReport => ({
  pods: population.size,
  bytes: watches.bytes,
  lists: watches.lists,
  residentBytes: process.memoryUsage.rss(),
})

process.on('message', async (command: PodServerCommand) => {
  if (command !== 'report') await churn(command.churn)
  process.send?.(report())
})
process.on('disconnect', () => process.exit())
process.send?.({ kubeconfig: api.kubeconfig() })
