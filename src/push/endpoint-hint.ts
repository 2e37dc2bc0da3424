/** Hints for connection errors caused by a wrong endpoint: the messages of OpenSSL and HTTP/2 name neither cause nor remedy. */

import type { Transport } from './transport.ts'

/** How the endpoint is spoken to. */
export interface Expectation {
  readonly protocol: 'grpc' | 'http/protobuf'
  readonly tls: boolean
  /** A key of the configuration as the operator knows it: `otlp.certificate`. */
  readonly setting: (name: string) => string
}

/** What a hint is made of: `port` is the kind of port that the receiver should have there. */
interface Wording extends Pick<Expectation, 'setting'> {
  readonly port: string
  readonly message: string
}

interface Hint {
  readonly error: RegExp
  /** Undefined: with TLS and without. */
  readonly tls?: boolean
  readonly words: (of: Wording) => string
}

const ports = { grpc: 'OTLP/gRPC port (usually 4317)', 'http/protobuf': 'OTLP/HTTP port (usually 4318)' } as const
const languages = { grpc: 'gRPC', 'http/protobuf': 'HTTP/1.1' } as const

const hints: readonly Hint[] = [
  {
    error: /wrong version number|packet length too long|tls_validate_record_header/i,
    tls: true,
    words: ({ setting }) =>
      `the receiver does not speak TLS on this port: write http:// before the endpoint, or set ${setting('insecure')}`,
  },
  {
    error: /ECONNRESET|EPIPE|socket hang up|Connection dropped|Failed to connect/i,
    tls: false,
    words: () => 'the receiver closes the connection: write https:// before the endpoint if it expects TLS',
  },
  {
    error: /unable to get (?:local )?issuer|self.signed certificate|unable to verify/i,
    tls: true,
    words: ({ setting }) =>
      `the receiver's certificate is not trusted: name its certificate authority in ${setting('certificate')}`,
  },
  {
    error: /certificate required|alert handshake failure|bad certificate/i,
    tls: true,
    words: ({ setting }) =>
      `the receiver asks for a client certificate: set ${setting('client_certificate')} and ${setting('client_key')}`,
  },
  {
    error: /ECONNREFUSED/,
    words: ({ port }) => `no process listens on this port: is the receiver running, and is this its ${port}?`,
  },
  {
    error: /^HTTP 3/,
    words: ({ message }) => `${message} (redirects are not followed: name the address that the receiver is at)`,
  },
  {
    error: /^HTTP 4(?:00|15)/,
    words: ({ message, setting }) => `${message} (set ${setting('compression')} to one that the receiver supports)`,
  },
  {
    error: /^HTTP 40[45]/,
    // The text stays: Prometheus says here which flag it needs.
    words: ({ port, message }) =>
      `${message} (is this the ${port} of the receiver, and the path the one of its OTLP metrics?)`,
  },
]

/** Which messages come from a connection that failed or from a server that is no receiver: others are the receiver's own. */
const isOfWrongEndpoint = {
  grpc: /No connection established/,
  'http/protobuf': /^(?!HTTP \d)|^HTTP (?:3|40[45]|(?:400|415): .*(?:compression|content.?encoding))/i,
} as const

/** What a failure to connect to an endpoint probably means; undefined when the error says so itself. */
export function endpointHint(message: string, expectation: Expectation): string | undefined {
  const { protocol, tls, setting } = expectation
  if (!isOfWrongEndpoint[protocol].test(message)) return undefined
  if (/Protocol error|Parse Error/i.test(message)) {
    return `the receiver does not speak ${languages[protocol]} on this port: name its ${ports[protocol]}`
  }
  const hint = hints.find(({ error, tls: expected = tls }) => error.test(message) && expected === tls)
  return hint?.words({ port: ports[protocol], message, setting })
}

/** The transport with hints in place of the messages that they explain. */
export function withEndpointHints(transport: Transport, expectation: Expectation): Transport {
  return {
    ...transport,
    async send(bytes, timeoutMs, signal) {
      const answer = await transport.send(bytes, timeoutMs, signal)
      const hint = 'message' in answer ? endpointHint(answer.message, expectation) : undefined
      return hint === undefined ? answer : { ...answer, message: hint }
    },
  }
}
