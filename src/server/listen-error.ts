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
      return `the port is in use; stop the other process or choose another port with ${flags.port}`
    case 'EACCES':
      return `not permitted; choose a port of 1024 or above with ${flags.port}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `the address is not available on this machine; choose another with ${flags.host}`
    case 'EAFNOSUPPORT':
      return `this machine does not support this address family; try 0.0.0.0 with ${flags.host}`
    default:
      return `${cause.message}; see ${flags.host} and ${flags.port}`
  }
}

/** `host:port`, with IPv6 addresses in brackets. */
export function formatAddress({ host, port }: ListenOptions): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
