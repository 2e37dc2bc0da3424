/** Receives the product's log: writes it to a file if configured, and keeps the latest warning for the view. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** A warning or an error, in one line. */
export interface Problem {
  readonly atMs: number
  readonly text: string
}

export interface ProblemLog {
  write(line: string): void
  last(): Problem | undefined
  /** Warnings and errors so far. */
  readonly count: number
  close(): Promise<void>
}

const isProblem = /^\{"level":"(?:warn|error|fatal)"/

/** Rejects if the file cannot be opened. */
export async function createProblemLog(path: string | undefined): Promise<ProblemLog> {
  const file = path === undefined ? undefined : createWriteStream(path, { flags: 'a' })
  if (file) await once(file, 'open')
  let last: Problem | undefined
  let count = 0
  return {
    write(line) {
      file?.write(line)
      if (!isProblem.test(line)) return
      count++
      last = { atMs: Date.now(), text: describeLine(line) }
    },
    last: () => last,
    get count() {
      return count
    },
    close: async () => {
      if (file) await new Promise<void>((resolve) => file.end(resolve))
    },
  }
}

/** The message of a log line with its resource, outcome and cause. */
export function describeLine(line: string): string {
  const { message, resource, reason, outcome, err } = JSON.parse(line) as Record<string, unknown>
  const cause = reason ?? (err as { message?: unknown } | undefined)?.message
  const details = [resource, outcome, cause].filter((detail) => typeof detail === 'string' && detail !== '')
  return details.length === 0 ? String(message) : `${message} (${details.join(': ')})`
}
