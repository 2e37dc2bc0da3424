/** Where a server listens, and the error when it cannot. Without Fastify, whose types embedders do not have. */

/** Where a server listens, and which flags say so. */
export interface ListenOptions {
  host: string
  /** 0 takes any free port. */
  port: number
}

/** A server that could not listen. The message is one clear line that names the flag to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: string

  constructor(listen: ListenOptions, flags: ListenFlags, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${formatAddress(listen)}: ${explainListenFailure(cause, flags)}`, { cause })
    this.code = cause.code ?? 'UNKNOWN'
  }
}

/** The flags that set an address. */
export interface ListenFlags {
  host: string
  port: string
}

function explainListenFailure(cause: NodeJS.ErrnoException, flags: ListenFlags): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return `the port is taken; stop its owner or choose another with ${flags.port}`
    case 'EACCES':
      return `not permitted; choose a port of 1024 or above with ${flags.port}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no such address; choose another with ${flags.host}`
    case 'EAFNOSUPPORT':
      return `this machine does not speak that kind of address; try 0.0.0.0 with ${flags.host}`
    default:
      return `${cause.message}; see ${flags.host} and ${flags.port}`
  }
}

/** `host:port`, with IPv6 addresses in brackets. */
export function formatAddress({ host, port }: ListenOptions): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
