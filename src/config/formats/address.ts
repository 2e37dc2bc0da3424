/** Parses addresses: the URL of an API server, and the endpoint of an OTLP receiver. */
import type { Format } from './format.ts'
import { text } from './format.ts'

/** An `http` or `https` URL. */
export const url: Format<string> = text('url', (input) =>
  httpUrl(input) === undefined ? 'a URL that begins with http:// or https://' : undefined,
)

export type OtlpProtocol = 'grpc' | 'http/protobuf'

const protocols: readonly OtlpProtocol[] = ['grpc', 'http/protobuf']

/** Where to push: a URL, a `host:port`, or a target in gRPC's own notation (`dns:///…`, `unix:…`). */
export const endpoint: Format<string> = text('url', (input) =>
  protocols.every((protocol) => resolveEndpoint(input, { insecure: false, protocol }) === undefined)
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

/** What besides its text decides what an endpoint means. */
export interface EndpointRules {
  /** Without a scheme: no TLS. */
  readonly insecure: boolean
  readonly protocol: OtlpProtocol
  /** The URL is posted to as it is: no path is appended. */
  readonly isWholeUrl?: boolean
}

/**
 * The scheme determines TLS; without a scheme, `insecure` does. Only an endpoint of HTTP has a path, and its port is that of
 * the scheme if it has one. Undefined if it is not an endpoint of the protocol.
 */
export function resolveEndpoint(input: string, rules: EndpointRules): ResolvedEndpoint | undefined {
  const { insecure, protocol, isWholeUrl = false } = rules
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
  const tls = hasScheme ? parsed.protocol === 'https:' : !insecure
  const standardPort = tls ? 443 : 80
  const defaultPort = isHttp && hasScheme ? standardPort : defaultPorts[protocol]
  const port = /^(?:[a-z]+:\/\/)?[^/]*:(\d+)(?:\/|$)/.exec(input)?.[1] ?? defaultPort
  const target = `${parsed.hostname}:${port}`
  const url = `${tls ? 'https' : 'http'}://${target}`
  return { target, tls, url: isHttp ? url + (isWholeUrl ? parsed.pathname : exportPathOf(parsed.pathname)) : url }
}

/** A file or a flag may name the base of the receiver or the whole URL. */
function exportPathOf(path: string): string {
  const base = path.replace(/\/+$/, '')
  return base.endsWith(exportPath) ? base : base + exportPath
}

function httpUrl(input: string): URL | undefined {
  const parsed = URL.parse(input)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '' ? parsed : undefined
}
