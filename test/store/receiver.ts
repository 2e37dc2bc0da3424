/** A small receiver that validates as Prometheus 3 does: a sample must be newer than the last one of its series. */

export interface Sample {
  readonly series: string
  /** Undefined is a stale marker. */
  readonly value: number | undefined
}

export interface SentRequest {
  readonly timestampMs: number
  readonly samples: readonly Sample[]
}

export class Receiver {
  readonly #last = new Map<string, { timestampMs: number; value: number | undefined }>()

  /** Throws where Prometheus would refuse the request. */
  take({ timestampMs, samples }: SentRequest): void {
    for (const { series, value } of samples) {
      const last = this.#last.get(series)
      if (last !== undefined && last.timestampMs >= timestampMs) {
        throw new Error(`${series} at ${timestampMs} is not newer than ${last.timestampMs}`)
      }
      this.#last.set(series, { timestampMs, value })
    }
  }

  /** Series that live, with their values. */
  live(): Map<string, number> {
    const live = new Map<string, number>()
    for (const [series, { value }] of this.#last) if (value !== undefined) live.set(series, value)
    return live
  }
}
