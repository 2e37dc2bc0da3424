/** Owns what a push needs of a transport, whatever the protocol: bytes out, an answer in gRPC's terms back. */

/** gRPC status codes by name, as far as outcomes are decided by them. */
export const statusCode = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  outOfRange: 11,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const

/** The receiver took the request. */
export interface Accepted {
  readonly kind: 'accepted'
  /** Points it did not take nevertheless. */
  readonly rejectedPoints: number
  /** Why, or a warning; empty mostly. */
  readonly message: string
}

/** It did not, or nobody knows. */
export interface Failed {
  readonly kind: 'failed'
  /** A gRPC status code. */
  readonly code: number
  readonly message: string
  /** The delay of a RetryInfo; undefined when there was none. */
  readonly retryDelayMs: number | undefined
}

export type Answer = Accepted | Failed

/** Delivers requests. */
export interface Transport {
  /**
   * Sends one request, uncompressed as given. Never rejects: whatever goes wrong is a failed answer. When the signal
   * aborts, the request is given up and its outcome is unknown.
   */
  send(bytes: Buffer, timeoutMs: number, signal: AbortSignal): Promise<Answer>
  /** Credentials were refused: they are read again before the next request. */
  renewCredentials(): void
  /** Gives up what is under way. */
  close(): void
}
