/** What was thrown, in one line for the log, for findings and for answers. */

/** The message with those of the causes that it does not have yet; the code or the name of an error without a message. */
export function reasonOf(failure: unknown): string {
  // Stands for several errors, one for each address that was tried, and has no message of its own.
  if (failure instanceof AggregateError && failure.errors.length > 0) return reasonOf(failure.errors[0])
  if (!(failure instanceof Error)) return String(failure)
  const { message, name, cause } = failure
  const own = message || String((failure as NodeJS.ErrnoException).code ?? name)
  if (cause === undefined) return own
  const ofCause = reasonOf(cause)
  return own.includes(ofCause) ? own : `${own}: ${ofCause}`
}
