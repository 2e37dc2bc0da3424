/**
 * What it costs to deliver a million data points, by transport and compression: CPU time of this process (all threads, the
 * encoding of points not included) and of the receiver, and bytes on the wire. With PEERS_BIN, the folder of otelcol, the
 * receiver is a Collector; else it is the simulator's. Rounds alternate; each figure is the least of them.
 * Run: node bench/transports.ts [points] [rounds]
 */

import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { createOtlpEncoder } from '../src/encoding/otlp-encoder.ts'
import { createGrpcTransport } from '../src/push/grpc-transport.ts'
import { createHttpTransport } from '../src/push/http-transport.ts'
import type { Transport } from '../src/push/transport.ts'
import { createLog, createLogGate } from '../src/telemetry/log.ts'
import { createPodEngine, decodePods, podsForSeries } from './many-pods.ts'
import type { ReceiverProcess } from './transport-peers.ts'
import { startReceiver } from './transport-peers.ts'

const wanted = Number(process.argv[2] ?? 250_000)
const rounds = Number(process.argv[3] ?? 5)
const maxInFlight = 4
const maxBytes = 4_000_000

interface Load {
  readonly requests: readonly Buffer[]
  readonly points: number
}

interface Cost {
  ours: number
  theirs: number
}

function createLoad(): Load {
  const engine = createPodEngine()
  for (const pod of decodePods(podsForSeries(wanted))) engine.upsert(0, pod)
  const { registry } = engine.store
  const encoder = createOtlpEncoder({
    registry,
    resourceAttributes: [['service.name', 'bench']],
    constantLabels: [],
    maxBytes,
  })
  const reader = engine.store.reader(0)
  const requests: Buffer[] = []
  let points = 0
  const finish = () => {
    const request = encoder.finish(Date.now())
    requests.push(request.bytes)
    points += request.points
  }
  for (const slot of reader.slots()) {
    if (encoder.add(reader.bytes(slot), reader.offset(slot), false)) continue
    finish()
    encoder.add(reader.bytes(slot), reader.offset(slot), false)
  }
  finish()
  return { requests, points }
}

const common = {
  headers: new Map<string, string>(),
  certificate: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  bearerTokenFile: undefined,
  environment: {},
  log: createLogGate(createLog({ level: 'silent', format: 'json' }), 60_000),
} as const

function openTransports({ grpc, http }: ReceiverProcess): ReadonlyMap<string, Transport> {
  const retrying = { retryResourceExhausted: false, loadBalancing: 'pick_first' } as const
  const overGrpc = (compression: 'none' | 'gzip') =>
    createGrpcTransport({ ...common, ...retrying, compression, endpoint: { target: grpc, tls: false } })
  const overHttp = (compression: 'none' | 'gzip' | 'zstd') =>
    createHttpTransport({ ...common, compression, url: `http://${http}/v1/metrics` })
  return new Map([
    ['gRPC, none', overGrpc('none')],
    ['gRPC, gzip', overGrpc('gzip')],
    ['HTTP, none', overHttp('none')],
    ['HTTP, gzip', overHttp('gzip')],
    ['HTTP, zstd', overHttp('zstd')],
  ])
}

/** Sends everything with so many requests in flight as the push has. */
async function sendAll(transport: Transport, { requests }: Load): Promise<void> {
  const left = [...requests]
  const { signal } = new AbortController()
  const sendSome = async () => {
    for (let bytes = left.pop(); bytes !== undefined; bytes = left.pop()) {
      const answer = await transport.send(bytes, 60_000, signal)
      if (answer.kind !== 'accepted') throw new Error(JSON.stringify(answer))
    }
  }
  await Promise.all(Array.from({ length: maxInFlight }, sendSome))
}

async function measure(transport: Transport, load: Load, receiver: ReceiverProcess): Promise<Cost> {
  const before = { ours: process.cpuUsage(), theirs: receiver.cpuMs() }
  await sendAll(transport, load)
  const { user, system } = process.cpuUsage(before.ours)
  return { ours: (user + system) / 1000, theirs: receiver.cpuMs() - before.theirs }
}

/** Part of the uncompressed bytes that is left; gRPC has level 6, over HTTP the fastest levels are used. */
function ratioOf(name: string, { requests }: Load): number {
  const bytes = requests[0] as Buffer
  const compressed = {
    'gRPC, gzip': () => gzipSync(bytes),
    'HTTP, gzip': () => gzipSync(bytes, { level: constants.Z_BEST_SPEED }),
    'HTTP, zstd': () => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  }[name]
  return compressed === undefined ? 1 : compressed().length / bytes.length
}

const load = createLoad()
const receiver = await startReceiver(process.env.PEERS_BIN)
const transports = openTransports(receiver)
const least = new Map(
  [...transports.keys()].map((name) => [name, { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY }]),
)
try {
  for (const transport of transports.values()) await sendAll(transport, load)
  for (let round = 0; round < rounds; round++) {
    for (const [name, transport] of transports) {
      const cost = await measure(transport, load, receiver)
      const known = least.get(name) as Cost
      known.ours = Math.min(known.ours, cost.ours)
      known.theirs = Math.min(known.theirs, cost.theirs)
    }
  }
} finally {
  for (const transport of transports.values()) transport.close()
  receiver.stop()
}

const totalBytes = load.requests.reduce((sum, { length }) => sum + length, 0)
const perMillion = (value: number) => (value * 1e6) / load.points
const baseline = least.get('gRPC, none') as Cost
console.log(`${load.points} points, ${load.requests.length} requests; receiver: ${receiver.name}; per million points:`)
for (const [name, { ours, theirs }] of least) {
  const megabytes = (perMillion(totalBytes) / 1e6) * ratioOf(name, load)
  const ratio = ((ours + theirs) / (baseline.ours + baseline.theirs)).toFixed(2)
  console.log(
    `${name}  sender ${perMillion(ours).toFixed(0)} ms  receiver ${perMillion(theirs).toFixed(0)} ms  wire ${megabytes.toFixed(1)} MB  both, to gRPC without compression ${ratio}`,
  )
}
