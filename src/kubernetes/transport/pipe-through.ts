/** Connects the body of an answer to a transform stream. */

import type { Readable, Transform } from 'node:stream'

/**
 * Returns `through`, which ends and fails as the body does. Unlike `pipeline` and the async iterator it also reads the body
 * of an HTTP/2 stream that the server has ended before anyone read it: they take that for cut off.
 */
export function pipeThrough<T extends Transform>(body: Readable, through: T): T {
  const fail = (failure: Error) => void through.destroy(failure)
  // Both stay: an error after the end must not end the process.
  body.on('error', fail)
  through.on('error', () => {})
  body.on('close', () => {
    if (!body.readableEnded) fail(new Error('the connection was closed'))
  })
  through.on('close', () => void body.destroy())
  return body.pipe(through)
}
