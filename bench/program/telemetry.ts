/** What a running program reports of itself on its telemetry port. */

export interface SelfReport {
  readonly series: number
  readonly heapUsedBytes: number
  /** With what V8 keeps free. */
  readonly heapTotalBytes: number
  /** Outside the heap: the stored series and buffers. */
  readonly externalBytes: number
  /** Of lists and watches, since the start. */
  readonly apiBytes: number
  /** Lists at a resume, by their outcome. */
  readonly resumedReads: Readonly<Record<string, number>>
}

/** Rejects if it does not answer. */
export async function selfReport(telemetryUrl: string): Promise<SelfReport> {
  const page = await (await fetch(telemetryUrl)).text()
  return {
    series: sumOf(page, 'kube_state_otlp_series'),
    heapUsedBytes: sumOf(page, 'nodejs_heap_used_bytes'),
    heapTotalBytes: sumOf(page, 'nodejs_heap_total_bytes'),
    externalBytes: sumOf(page, 'nodejs_external_memory_bytes'),
    apiBytes: sumOf(page, 'kube_state_otlp_api_read_bytes_total'),
    resumedReads: Object.fromEntries(
      page
        .matchAll(/^kube_state_otlp_resumed_reads\{.*outcome="([^"]+)".*\} (\S+)$/gm)
        .map(([, outcome, value]) => [outcome, Number(value)]),
    ),
  }
}

/** Of all series of a metric; 0 without any. */
export function sumOf(page: string, metric: string): number {
  const samples = page.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, 'gm'))
  return samples.reduce((sum, [, value]) => sum + Number(value), 0)
}
