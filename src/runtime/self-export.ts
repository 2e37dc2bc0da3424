/** Owns how self-telemetry reaches the endpoint of object state: the same address, headers, token and certificates. */

import { readFileSync } from 'node:fs'
import type { OtlpConfig } from '../config/config.ts'
import type { Log } from '../telemetry/log.ts'

/** The exporter's options. Files are read once, at the start; one that cannot be read is told and left out. */
export function selfExport(otlp: OtlpConfig, log: Log) {
  const { endpoint, timeoutMs } = otlp
  const read = (path: string | undefined): Buffer | undefined => {
    if (path === undefined) return undefined
    try {
      return readFileSync(path)
    } catch (error) {
      log.warn({ path, err: error }, 'a file for the export of self-telemetry cannot be read')
      return undefined
    }
  }
  const token = read(otlp.bearerTokenFile)?.toString().trim()
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    url: endpoint?.url ?? '',
    headers: { ...Object.fromEntries(otlp.headers), ...authorization },
    timeoutMs,
    insecure: endpoint?.tls === false,
    tls: certificatesOf(read(otlp.certificate), read(otlp.clientCertificate), read(otlp.clientKey)),
  }
}

function certificatesOf(ca?: Buffer, certificate?: Buffer, key?: Buffer) {
  return { ...(ca && { ca }), ...(certificate && { certificate }), ...(key && { key }) }
}
