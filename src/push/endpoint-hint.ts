/** Hints for connection errors caused by a wrong endpoint: the messages of OpenSSL and HTTP/2 name neither cause nor remedy. */

import type { Transport } from './transport.ts'

interface Hint {
  readonly error: RegExp
  /** Undefined: with TLS and without. */
  readonly tls?: boolean
  readonly words: string
}

const hints: readonly Hint[] = [
  {
    error: /wrong version number|packet length too long|tls_validate_record_header/i,
    tls: true,
    words: 'the receiver does not speak TLS on this port: write http:// before the endpoint, or set otlp.insecure',
  },
  {
    error: /Protocol error|Parse Error/i,
    words: 'the receiver does not speak gRPC on this port: name its OTLP/gRPC port, usually 4317',
  },
  {
    error: /ECONNRESET|socket hang up|Connection dropped|Failed to connect/i,
    tls: false,
    words: 'the receiver closes the connection: write https:// before the endpoint if it expects TLS',
  },
  {
    error: /unable to get (?:local )?issuer|self.signed certificate|unable to verify/i,
    tls: true,
    words: "the receiver's certificate is not trusted: name its certificate authority in otlp.certificate",
  },
  {
    error: /certificate required|alert handshake failure|bad certificate/i,
    tls: true,
    words: 'the receiver asks for a client certificate: set otlp.client_certificate and otlp.client_key',
  },
  {
    error: /ECONNREFUSED/,
    words: 'no process listens on this port: is the receiver running, and is this its OTLP/gRPC port (usually 4317)?',
  },
]

/** What a failure to connect to an endpoint probably means; undefined when the error says so itself. */
export function endpointHint(message: string, tls: boolean): string | undefined {
  if (!/No connection established/.test(message)) return undefined
  return hints.find((hint) => hint.error.test(message) && (hint.tls ?? tls) === tls)?.words
}

/** The transport with hints in place of the messages that they explain. */
export function withEndpointHints(transport: Transport, tls: boolean): Transport {
  return {
    ...transport,
    async send(bytes, timeoutMs, signal) {
      const answer = await transport.send(bytes, timeoutMs, signal)
      const hint = 'message' in answer ? endpointHint(answer.message, tls) : undefined
      return hint === undefined ? answer : { ...answer, message: hint }
    },
  }
}
