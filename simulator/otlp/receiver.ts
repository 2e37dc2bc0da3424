/**
 * A simulated OTLP receiver on loopback, for the demo, the benchmarks and the tests: like a Collector with Prometheus
 * behind it, for metrics only.
 */

import type { GrpcEndpoint } from './grpc-endpoint.ts'
import { createGrpcEndpoint } from './grpc-endpoint.ts'
import type { LiveSet, LiveSetOptions } from './live-set.ts'
import { createLiveSet } from './live-set.ts'
import type { HttpEndpoint } from './otlp-http-endpoint.ts'
import { createHttpEndpoint } from './otlp-http-endpoint.ts'
import type { FaultScript } from './receiver-faults.ts'
import type { DecodeMode, ReceivedCounters } from './request-handler.ts'
import { createRequestHandler } from './request-handler.ts'
import { createSocketListener } from './socket-listener.ts'
import type { TlsMaterial } from './tls-material.ts'

export interface OtlpReceiverOptions {
  /** 127.0.0.1 by default. */
  host?: string
  /** 0, the default, selects a free port, which is kept across restarts. */
  grpcPort?: number
  httpPort?: number
  /** Enables TLS for both transports; plain text (h2c, http) otherwise. */
  tls?: TlsMaterial
  decode?: DecodeMode
  liveSet?: LiveSetOptions
  faults?: FaultScript
}

export interface OtlpReceiver {
  /** `host:port` */
  readonly grpcAddress: string
  readonly httpAddress: string
  /** Stays empty with `decode: 'count'`. Kept across restarts. */
  readonly liveSet: LiveSet
  readonly received: Readonly<ReceivedCounters>
  /** Bytes received over the connections: compressed, with framing and headers. */
  wireBytes(): number
  /** Takes effect with the next request; undefined ends the fault injection. */
  setFaults(script: FaultScript | undefined): void
  /** Closes the ports and drops all connections; delayed requests are not applied. */
  stop(): Promise<void>
  /** Opens the same ports again. Rejects if one is in use. */
  start(): Promise<void>
  /** Same as `stop`. */
  close(): Promise<void>
}

/** Creates a receiver that listens on both ports. Rejects if a port is in use. */
export const createOtlpReceiver = async (options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> => {
  const { host = '127.0.0.1', grpcPort = 0, httpPort = 0, tls, decode = 'full', faults } = options
  const liveSet = createLiveSet(options.liveSet)
  const requests = createRequestHandler(decode, liveSet, faults)
  let running: { grpc: GrpcEndpoint; http: HttpEndpoint; stopping: AbortController } | undefined

  const grpcListener = createSocketListener(host, grpcPort, (socket) => running?.grpc.accept(socket))
  const httpListener = createSocketListener(host, httpPort, (socket) => running?.http.accept(socket))

  const stop = async (): Promise<void> => {
    running?.stopping.abort()
    await Promise.all([grpcListener.close(), httpListener.close()])
    running?.grpc.close()
    running = undefined
  }

  const start = async (): Promise<void> => {
    if (running) return
    const stopping = new AbortController()
    const grpc = createGrpcEndpoint(requests, tls, grpcListener.cut, stopping.signal)
    running = { grpc, http: createHttpEndpoint(requests, tls, stopping.signal), stopping }
    await Promise.all([grpcListener.open(), httpListener.open()]).catch(async (error: unknown) => {
      await stop()
      throw error
    })
  }

  await start()
  return {
    grpcAddress: grpcListener.address(),
    httpAddress: httpListener.address(),
    liveSet,
    received: requests.counters,
    wireBytes: () => grpcListener.bytesRead() + httpListener.bytesRead(),
    setFaults: requests.setFaults,
    stop,
    start,
    close: stop,
  }
}
