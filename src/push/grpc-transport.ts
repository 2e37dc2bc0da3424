/** OTLP/gRPC: headers, token, and a channel that is replaced when certificates rotate or the connection is dead. */

import type { ServiceError } from '@grpc/grpc-js'
import { Metadata, status } from '@grpc/grpc-js'
import { reasonOf } from '../telemetry/failure-reason.ts'
import type { LogGate } from '../telemetry/log.ts'
import type { CredentialContents, CredentialFiles } from './credentials.ts'
import { createCredentialReader, sameChannelCredentials } from './credentials.ts'
import { failedAnswer } from './grpc-answer.ts'
import type { ChannelSettings, GrpcChannel } from './grpc-channel.ts'
import { openChannel } from './grpc-channel.ts'
import { readExportResponse } from './status-details.ts'
import type { Answer, Transport } from './transport.ts'

export interface GrpcTransportOptions extends ChannelSettings, CredentialFiles {
  /** Lower-case names; those that end in `-bin` have values in base64. */
  readonly headers: ReadonlyMap<string, string>
  /** RESOURCE_EXHAUSTED without RetryInfo is retried too; the specification says not to. */
  readonly retryResourceExhausted: boolean
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
    if (Buffer.isBuffer(end)) {
      unanswered = 0
      return readExportResponse(end)
    }
    const timedOut = signal.aborted || end.code === status.DEADLINE_EXCEEDED
    unanswered = timedOut ? unanswered + 1 : 0
    // A failed handshake says UNAVAILABLE: the certificates may have rotated.
    if (end.code === status.UNAVAILABLE) reader.renew()
    return failedAnswer({ ...toFailedCall(end), timedOut }, options)
  }

  return {
    async send(bytes, timeoutMs, signal) {
      try {
        return await send(bytes, timeoutMs, signal)
      } catch (error) {
        reader.renew()
        const message = `credentials cannot be used: ${reasonOf(error)}`
        return { kind: 'denied', message }
      }
    },
    renewCredentials: reader.renew,
    close() {
      current?.channel.retire()
      current = undefined
    },
  }
}

function metadataOf(headers: ReadonlyMap<string, string>, token: string | undefined): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of headers) {
    metadata.set(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value)
  }
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  return metadata
}

function toFailedCall({ code, details: message, metadata }: ServiceError) {
  const details = metadata?.get('grpc-status-details-bin')[0]
  return { code, message, details: Buffer.isBuffer(details) ? details : undefined }
}
