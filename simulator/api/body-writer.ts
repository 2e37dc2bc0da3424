/**
 * Writes a response body in chunks with backpressure, and applies the interruption and pace of a fault.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending, Fault } from './api-faults.ts'
import type { Refusal } from './api-status.ts'

/** The common part of an HTTP/1.1 and an HTTP/2 response. */
export interface ResponseStream {
  write(chunk: Uint8Array, callback: () => void): boolean
  flushHeaders(): unknown
  end(): unknown
  readonly destroyed: boolean
}

export interface BodyWriter {
  /** Whether the body is complete or interrupted. */
  readonly isDone: boolean
  /** Queues bytes, which are sent with the next flush or once a chunk is full. */
  write(bytes: Uint8Array, isItem?: boolean): Promise<void>
  flush(): Promise<void>
  /** Flushes and completes the body. */
  end(): Promise<void>
  /** Ends the body immediately, regardless of the fault. */
  interrupt(ending: Ending): Promise<void>
}

const chunkBytes = 32 * 1024

/** A writer for one response. `cut` closes its connection; `encodeError` encodes an ERROR event. */
export function createBodyWriter(
  response: ResponseStream,
  fault: Fault | undefined,
  cut: () => void,
  encodeError: (refusal: Refusal) => Uint8Array,
): BodyWriter {
  const { interruption, pace } = fault ?? {}
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let items = 0
  let isDone = false

  const send = async (bytes: Uint8Array): Promise<void> => {
    if (response.destroyed) isDone = true
    else await new Promise<void>((resolve) => response.write(bytes, () => resolve()))
  }

  const flush = async (): Promise<void> => {
    if (pendingBytes === 0) return
    const bytes = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    const step = pace?.bytes ?? bytes.length
    for (let start = 0; start < bytes.length && !response.destroyed; start += step) {
      await send(bytes.subarray(start, start + step))
      if (pace) await sleep(pace.pauseMs)
    }
  }

  const interrupt = async (ending: Ending): Promise<void> => {
    if (isDone) return
    isDone = true
    await flush()
    if (ending === 'cut') cut()
    else if (ending === 'end') response.end()
    else if (ending === 'silence') return
    else if ('garbage' in ending) await send(ending.garbage)
    else {
      await send(encodeError(ending.error))
      response.end()
    }
  }

  const queue = async (bytes: Uint8Array): Promise<void> => {
    pending.push(bytes)
    pendingBytes += bytes.length
    if (pendingBytes >= chunkBytes) await flush()
  }

  return {
    get isDone() {
      return isDone || response.destroyed
    },
    async write(bytes, isItem = false) {
      if (isDone) return
      if (!isItem || !interruption) return queue(bytes)
      if (items === interruption.afterItems) {
        if (interruption.midItem) await queue(bytes.subarray(0, bytes.length >> 1))
        return interrupt(interruption.by)
      }
      items++
      await queue(bytes)
      if (items === interruption.afterItems && !interruption.midItem) await interrupt(interruption.by)
    },
    flush: async () => {
      if (!isDone) await flush()
    },
    async end() {
      if (isDone) return
      await flush()
      isDone = true
      response.end()
    },
    interrupt,
  }
}
