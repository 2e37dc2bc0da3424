/** Parses addresses: the URL of an API server, and the endpoint of an OTLP receiver. */
import type { Format } from './format.ts'
import { text } from './format.ts'

/** An `http` or `https` URL. */
export const url: Format<string> = text('url', (input) =>
  httpUrl(input) === undefined ? 'a URL that begins with http:// or https://' : undefined,
)

/** Where to push: a URL, a `host:port`, or a target in gRPC's own notation (`dns:///…`, `unix:…`). */
export const endpoint: Format<string> = text('url', (input) =>
  resolveEndpoint(input, false) === undefined
    ? 'http://host:port, https://host:port (without a path) or host:port of an OTLP/gRPC receiver'
    : undefined,
)

/** An endpoint for a gRPC client. */
export interface ResolvedEndpoint {
  /** `host:port`, or a target in gRPC's notation. */
  readonly target: string
  readonly tls: boolean
  /** The same as a URL, for clients that need one; gRPC's own notation is unchanged. */
  readonly url: string
}

const defaultPort = 4317

/** The scheme determines TLS; without a scheme, `insecure` does. The default port is 4317. Undefined if it is not an endpoint. */
export function resolveEndpoint(input: string, insecure: boolean): ResolvedEndpoint | undefined {
  if (/^(dns:\/\/\/?[^/]|unix:).+/.test(input)) return { target: input, tls: !insecure, url: input }
  const hasScheme = input.includes('://')
  const parsed = httpUrl(hasScheme ? input : `http://${input}`)
  if (
    parsed === undefined ||
    parsed.pathname !== '/' ||
    parsed.search !== '' ||
    parsed.hash !== '' ||
    parsed.username !== ''
  )
    return undefined
  const port = /:(\d+)\/?$/.exec(input)?.[1] ?? defaultPort
  const target = `${parsed.hostname}:${port}`
  const tls = hasScheme ? parsed.protocol === 'https:' : !insecure
  return { target, tls, url: `${tls ? 'https' : 'http'}://${target}` }
}

function httpUrl(input: string): URL | undefined {
  const parsed = URL.parse(input)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '' ? parsed : undefined
}
