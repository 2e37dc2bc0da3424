/** Parses addresses: the URL of an API server, and the endpoint of an OTLP receiver. */
import type { Format } from './format.ts'
import { text } from './format.ts'

/** An `http` or `https` URL. */
export const url: Format<string> = text('url', (input) =>
  httpUrl(input) === undefined ? 'a URL that begins with http:// or https://' : undefined,
)

export type OtlpProtocol = 'grpc' | 'http/protobuf'

/** Where to push: a URL, a `host:port`, or a target in gRPC's own notation (`dns:///…`, `unix:…`). */
export const endpoint: Format<string> = text('url', (input) =>
  (resolveEndpoint(input, false) ?? resolveEndpoint(input, false, 'http/protobuf')) === undefined
    ? 'http://host:port, https://host:port or host:port of an OTLP receiver'
    : undefined,
)

/** An endpoint for a client. */
export interface ResolvedEndpoint {
  /** `host:port`, or a target in gRPC's notation. */
  readonly target: string
  readonly tls: boolean
  /** The same as a URL, for HTTP with the path that requests are posted to; gRPC's own notation is unchanged. */
  readonly url: string
}

const defaultPorts = { grpc: 4317, 'http/protobuf': 4318 }
const exportPath = '/v1/metrics'

/**
 * The scheme determines TLS; without a scheme, `insecure` does. Only an endpoint of HTTP has a path. Undefined if it is
 * not an endpoint of the protocol.
 */
export function resolveEndpoint(
  input: string,
  insecure: boolean,
  protocol: OtlpProtocol = 'grpc',
): ResolvedEndpoint | undefined {
  const isHttp = protocol === 'http/protobuf'
  if (/^(dns:\/\/\/?[^/]|unix:).+/.test(input))
    return isHttp ? undefined : { target: input, tls: !insecure, url: input }
  const hasScheme = input.includes('://')
  const parsed = httpUrl(hasScheme ? input : `http://${input}`)
  if (
    parsed === undefined ||
    (!isHttp && parsed.pathname !== '/') ||
    parsed.search !== '' ||
    parsed.hash !== '' ||
    parsed.username !== ''
  )
    return undefined
  const port = /^(?:[a-z]+:\/\/)?[^/]*:(\d+)(?:\/|$)/.exec(input)?.[1] ?? defaultPorts[protocol]
  const target = `${parsed.hostname}:${port}`
  const tls = hasScheme ? parsed.protocol === 'https:' : !insecure
  const url = `${tls ? 'https' : 'http'}://${target}`
  return { target, tls, url: isHttp ? url + exportPathOf(parsed.pathname) : url }
}

/** Variables of OpenTelemetry name the base for all signals, or the whole URL for metrics. */
function exportPathOf(path: string): string {
  const base = path.replace(/\/+$/, '')
  return base.endsWith(exportPath) ? base : base + exportPath
}

function httpUrl(input: string): URL | undefined {
  const parsed = URL.parse(input)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '' ? parsed : undefined
}
