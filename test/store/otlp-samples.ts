/** Decodes the bytes of a request with the simulator's decoder, to samples with series names as in text exposition. */
import type { DecodedPoint } from '../../simulator/otlp/metrics-decoder.ts'
import { decodeMetrics } from '../../simulator/otlp/metrics-decoder.ts'
import type { Sample } from './receiver.ts'

/** All points of a request, which must share one timestamp; undefined when there is none. */
export function samplesOf(bytes: Uint8Array): { samples: Sample[]; timestampMs: number | undefined } {
  const times = new Set<bigint>()
  const samples: Sample[] = []
  for (const { scopes } of decodeMetrics(bytes)) {
    for (const { name, points } of scopes.flatMap(({ metrics }) => metrics)) {
      for (const point of points) {
        times.add(point.timeUnixNano)
        samples.push({ series: seriesOf(name, point), value: point.noRecordedValue ? undefined : point.value })
      }
    }
  }
  if (times.size > 1) throw new Error(`${times.size} timestamps in one request`)
  const [time] = times
  return { samples, timestampMs: time === undefined ? undefined : Number(time / 1_000_000n) }
}

function seriesOf(name: string, { attributes }: DecodedPoint): string {
  return `${name}{${attributes.map(([label, value]) => `${label}="${value}"`).join(',')}}`
}
