import { duration } from '../formats/duration.ts'
import { boolean, integer, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** The HTTP servers: object metrics on one port, self-metrics on the other. */
export const serverSettings = {
  host: setting({
    doc: 'Address of the server for object metrics; :: for all IPv6 and IPv4 addresses.',
    default: '::',
    format: text('address'),
  }),
  port: setting({
    doc: 'Port of the server for object metrics; 0 selects a free port.',
    default: 8080,
    format: integer(0, 65_535),
  }),
  telemetry_host: setting({
    doc: 'Address of the server for self-metrics; :: for all IPv6 and IPv4 addresses.',
    default: '::',
    format: text('address'),
  }),
  telemetry_port: setting({
    doc: 'Port of the server for self-metrics; 0 selects a free port.',
    default: 8081,
    format: integer(0, 65_535),
  }),
  tls_config: optional({
    doc: 'Path of a web configuration file in the format of Prometheus exporters: TLS, passwords, headers and rate limit of both ports. Read again when it changes.',
    deviation: 'The file is checked as a whole, and settings that exporter-toolkit ignores are rejected.',
    format: text('path'),
  }),
  auth_filter: setting({
    doc: 'Authorize requests by bearer token with the API server, for all paths except the probes, /readyz and /.',
    deviation: 'An invalid token is answered 401 (there 500), and an API server that does not decide 503.',
    default: false,
    format: boolean,
  }),
  enable_gzip_encoding: setting({
    doc: 'Compress responses for scrapers that accept gzip.',
    default: false,
    format: boolean,
  }),
  server_read_timeout: setting({
    doc: 'Timeout for receiving a whole request; 0s for no limit.',
    default: 60_000,
    format: duration(0),
  }),
  server_read_header_timeout: setting({
    doc: 'Timeout for receiving the headers of a request; 0s for no limit.',
    default: 5000,
    format: duration(0),
  }),
  server_write_timeout: setting({
    doc: 'Timeout from the headers of a request to the end of its response, after which the connection is closed; 0s for no limit.',
    deviation: 'Includes the time that a scrape waits for others.',
    default: 60_000,
    format: duration(0),
  }),
  server_idle_timeout: setting({
    doc: 'Timeout of idle connections.',
    default: 300_000,
    format: duration(0),
  }),
  'server.profiling': setting({
    doc: 'Serve CPU and heap profiles of this process on the telemetry port, under /debug. Everybody who may request that port can take them.',
    default: false,
    format: boolean,
  }),
  'server.slice_rows': setting({
    doc: 'Number of series encoded in one time slice of a scrape.',
    default: 2000,
    format: integer(1),
  }),
  'server.max_concurrent_scrapes': setting({
    doc: 'Maximum number of concurrent scrapes; others wait in a queue. Scrapes whose client does not read are not counted.',
    default: 4,
    format: integer(1),
  }),
  'server.max_queued_scrapes': setting({
    doc: 'Maximum number of scrapes in the queue; others are rejected with 503.',
    default: 8,
    format: integer(0),
  }),
  'server.queue_timeout': setting({
    doc: 'Timeout of a scrape in the queue, after which it is rejected with 503.',
    default: 10_000,
    format: duration(1),
  }),
  'server.max_connections': setting({
    doc: 'Maximum number of connections per port; idle connections are closed for new ones.',
    default: 250,
    format: integer(1),
  }),
}
