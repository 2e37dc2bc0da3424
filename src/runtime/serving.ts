/** The HTTP servers over the running program: pages from the store, self-metrics, readiness, authorisation. */

import type { ServerConfig } from '../config/config.ts'
import { createSpareBuffers } from '../encoding/spare-buffers.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { createAccessReview } from '../kubernetes/coordination/access-review.ts'
import { createExposition } from '../server/exposition.ts'
import { formatAddress } from '../server/listen-error.ts'
import { contentTypes } from '../server/negotiation.ts'
import type { Servers } from '../server/servers.ts'
import { createServers } from '../server/servers.ts'
import type { StatusSource } from '../server/status/status.ts'
import type { Readiness } from '../server/telemetry-server.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { createLogGate } from '../telemetry/log.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Clock } from '../time/clock.ts'
import { createCardinalitySource } from './cardinality-source.ts'

export interface ServingOptions {
  readonly server: ServerConfig
  readonly version: string
  readonly store: Store
  readonly telemetry: Telemetry
  readonly client: ApiClient
  readonly clock: Clock
  readonly readiness: () => Readiness
  readonly status: StatusSource
  readonly log: Log
}

/** Bytes of a typical line of a page: slices are configured in rows and filled in bytes. */
const typicalLineBytes = 200

/** Slices of a page have almost the same size. */
const sliceStepBytes = 4096

/** Starts both servers. Rejects with ListenError, and then neither listens. */
export async function startServing(options: ServingOptions): Promise<Servers> {
  const { server, version, store, telemetry, client, clock, readiness, status, log } = options
  const authorise = server.authFilter
    ? createAccessReview({ client, clock, gate: createLogGate(log, 60_000) })
    : undefined
  const openPage = createExposition(store, { sliceBytes: server.sliceRows * typicalLineBytes })
  const servers = await createServers({
    ...server,
    authorise,
    version,
    log,
    metrics: telemetry.metrics,
    metricsListen: { host: server.host, port: server.port },
    telemetryListen: { host: server.telemetryHost, port: server.telemetryPort },
    readiness,
    status,
    cardinality: createCardinalitySource(store),
    selfPage: () => telemetry.page(),
    openPage: ({ format, resources: only, excludeResources: without }) => {
      const includes = (name: string) => (only?.has(name) ?? true) && !without?.has(name)
      // Its own, so that nothing of one page can be written into another.
      const buffers = createSpareBuffers(sliceStepBytes)
      const slices = openPage({ format, includes, buffers })
      return { contentType: contentTypes[format], slices, release: buffers.give }
    },
  })
  const { metricsAddress, telemetryAddress } = servers
  log.info(
    { objects: `${formatAddress(metricsAddress)}/metrics`, self: `${formatAddress(telemetryAddress)}/metrics` },
    'serving object metrics and self-metrics',
  )
  return servers
}
