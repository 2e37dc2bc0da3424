/** What the push needs of a transport, whatever the protocol: bytes out, an answer in neutral terms back. */

/**
 * What became of a request. Each transport maps its protocol's codes to these kinds; nothing else in the push knows a
 * protocol.
 */
export type Answer =
  | { readonly kind: 'accepted' }
  /** Accepted but for some points, which must not be sent again; 0 points is a warning. */
  | { readonly kind: 'partial'; readonly rejectedPoints: number; readonly message: string }
  /** The receiver asks for a delay; undefined: it names none. */
  | { readonly kind: 'retry_after'; readonly delayMs: number | undefined; readonly message: string }
  /** The request is too large; `maxBytes` is the limit where the receiver states it. */
  | { readonly kind: 'too_large'; readonly maxBytes: number | undefined; readonly message: string }
  /** The content is refused, and will be again. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The credentials are refused. */
  | { readonly kind: 'denied'; readonly message: string }
  /** Any other failure; whether the request arrived is not known. The cause may be the endpoint, the network or the content. */
  | { readonly kind: 'unavailable'; readonly timedOut: boolean; readonly message: string }

/**
 * A receiver that refuses the time of a request, which is that of all its points, refuses no content: the same is accepted once
 * the clocks agree. In the words of Prometheus and Mimir.
 */
export const refusesTime = (message: string): boolean => /too far in (?:the )?future|\bout of bounds\b/i.test(message)

/** Delivers requests. */
export interface Transport {
  /**
   * Sends one request, uncompressed as given. Never rejects: whatever goes wrong is an answer. When the signal aborts,
   * the request is given up and its result is unknown. After the answer to an accepted request the memory of `bytes` is used
   * for others.
   */
  send(bytes: Buffer, timeoutMs: number, signal: AbortSignal): Promise<Answer>
  /** Credentials were refused: they are read again before the next request. */
  renewCredentials(): void
  /** Gives up what is in flight. */
  close(): void
}
