/**
 * Owns the way of requests over OTLP/gRPC: headers, token, and a channel that is replaced when certificates rotate or
 * the line has gone dead. It decides nothing about what an answer means.
 */

import { Metadata } from '@grpc/grpc-js'
import type { LogGate } from '../telemetry/log.ts'
import type { CredentialContents, CredentialFiles } from './credentials.ts'
import { createCredentialReader, sameChannelCredentials } from './credentials.ts'
import type { CallEnd, ChannelSettings, GrpcChannel } from './grpc-channel.ts'
import { openChannel } from './grpc-channel.ts'
import { readPartialSuccess, readRetryDelay } from './status-details.ts'
import type { Answer, Transport } from './transport.ts'
import { statusCode } from './transport.ts'

export interface GrpcTransportOptions extends ChannelSettings, CredentialFiles {
  /** Lower-case names; those that end in `-bin` have values in base64. */
  readonly headers: ReadonlyMap<string, string>
  readonly log: LogGate
}

/** Requests in a row without any answer, after which the connection is held to be dead although nothing said so. */
const maxUnanswered = 2

/** A transport over gRPC; it connects with the first request. */
export function createGrpcTransport(options: GrpcTransportOptions): Transport {
  const reader = createCredentialReader(options, options.log)
  let current: { readonly channel: GrpcChannel; readonly contents: CredentialContents } | undefined
  let unanswered = 0

  const replaceChannel = (contents: CredentialContents) => {
    const channel = openChannel(options, contents)
    current?.channel.retire()
    current = { channel, contents }
    return channel
  }
  const channelFor = (contents: CredentialContents): GrpcChannel => {
    if (current !== undefined && unanswered < maxUnanswered && sameChannelCredentials(current.contents, contents)) {
      return current.channel
    }
    unanswered = 0
    return replaceChannel(contents)
  }
  const send = async (bytes: Buffer, timeoutMs: number, signal: AbortSignal): Promise<Answer> => {
    const contents = await reader.read()
    const metadata = metadataOf(options.headers, contents.token)
    const end = await channelFor(contents).call(bytes, metadata, timeoutMs, signal)
    const answer = answerOf(end)
    if (isUnanswered(answer, signal)) unanswered++
    else unanswered = 0
    // A failed handshake says UNAVAILABLE: the certificates may have rotated.
    if (answer.kind === 'failed' && answer.code === statusCode.unavailable) reader.renew()
    return answer
  }

  return {
    async send(bytes, timeoutMs, signal) {
      try {
        return await send(bytes, timeoutMs, signal)
      } catch (error) {
        reader.renew()
        const message = `credentials cannot be used: ${(error as Error).message}`
        return { kind: 'failed', code: statusCode.unauthenticated, message, retryDelayMs: undefined }
      }
    },
    renewCredentials: reader.renew,
    close() {
      current?.channel.retire()
      current = undefined
    },
  }
}

function isUnanswered(answer: Answer, signal: AbortSignal): boolean {
  return answer.kind === 'failed' && (signal.aborted || answer.code === statusCode.deadlineExceeded)
}

function metadataOf(headers: ReadonlyMap<string, string>, token: string | undefined): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of headers) {
    metadata.set(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value)
  }
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  return metadata
}

function answerOf(end: CallEnd): Answer {
  if (Buffer.isBuffer(end)) return { kind: 'accepted', ...readPartialSuccess(end) }
  const details = end.metadata?.get('grpc-status-details-bin')[0]
  const retryDelayMs = Buffer.isBuffer(details) ? readRetryDelay(details) : undefined
  return { kind: 'failed', code: end.code, message: end.details, retryDelayMs }
}
