/**
 * How large requests may be: the configured limit, until the receiver or the network turns out to take less. Only a limit
 * that the receiver states is lasting; others are guesses, which have a floor and are raised again.
 */

export interface RequestSize {
  /** Bytes before compression. */
  limitAt(now: number): number
  /** A request of so many bytes was too large; `statedBytes` is the limit that the receiver named. */
  tooLarge(bytes: number, statedBytes: number | undefined, now: number): void
  /** A request of so many bytes was not answered in time. */
  tooSlow(bytes: number): void
  succeeded(): void
}

/** Smaller requests cost more in headers and round trips than they gain; a single object that is too large is not a matter of size. */
const smallestGuess = 64 * 1024
/** A guessed limit is doubled after this time: if it was right, that costs one refused request. */
const raiseAfterMs = 5 * 60_000

export function createRequestSize(maxBytes: number): RequestSize {
  /** The configured limit, or the one that the receiver stated. */
  let ceiling = maxBytes
  /** After refusals that state no limit. */
  let guess = Number.POSITIVE_INFINITY
  let guessedAt = 0
  /** After timeouts. */
  let slow = Number.POSITIVE_INFINITY
  const halfOf = (bytes: number) => Math.max(smallestGuess, Math.floor(bytes / 2))
  const raiseGuess = (now: number) => {
    for (; guess < ceiling && now - guessedAt >= raiseAfterMs; guessedAt += raiseAfterMs) guess *= 2
  }
  return {
    limitAt(now) {
      raiseGuess(now)
      return Math.min(ceiling, guess, slow)
    },
    tooLarge(bytes, statedBytes, now) {
      if (statedBytes !== undefined && statedBytes > 0 && statedBytes < bytes) ceiling = Math.min(ceiling, statedBytes)
      else if (bytes > smallestGuess) {
        guess = Math.min(guess, halfOf(bytes))
        guessedAt = now
      }
    },
    tooSlow(bytes) {
      if (bytes > smallestGuess) slow = Math.min(slow, halfOf(bytes))
    },
    succeeded() {
      if (slow < ceiling) slow *= 2
      else slow = Number.POSITIVE_INFINITY
    },
  }
}
