/** Keys of the HTTP servers: metrics of objects on one port, metrics about this process on another. */
import { duration } from '../formats/duration.ts'
import { boolean, integer, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** Keys of the HTTP servers. */
export const serverSettings = {
  host: setting({
    doc: 'Address to serve object metrics on; :: is every address, of IPv6 and IPv4.',
    default: '::',
    format: text('address'),
  }),
  port: setting({
    doc: 'Port to serve object metrics on; 0 takes a free one.',
    default: 8080,
    format: integer(0, 65_535),
  }),
  telemetry_host: setting({
    doc: 'Address to serve metrics about this process on, likewise.',
    default: '::',
    format: text('address'),
  }),
  telemetry_port: setting({
    doc: 'Port to serve metrics about this process on; 0 takes a free one.',
    default: 8081,
    format: integer(0, 65_535),
  }),
  tls_config: optional({
    doc: "Path of a web configuration file, as Prometheus' exporters read it: TLS, passwords, headers and rate limit of both ports. It is read again when it changes.",
    format: text('path'),
  }),
  auth_filter: setting({
    doc: 'Ask the API server whether the bearer token of a request may get its path. It guards everything but the probes, /readyz and /.',
    default: false,
    format: boolean,
  }),
  enable_gzip_encoding: setting({
    doc: 'Compress pages for scrapers that ask for it.',
    default: false,
    format: boolean,
  }),
  server_read_timeout: setting({
    doc: 'Longest time for a client to send a whole request; 0s is no limit.',
    default: 60_000,
    format: duration(0),
  }),
  server_read_header_timeout: setting({
    doc: 'Longest time for a client to send the headers of a request; 0s is no limit.',
    default: 5000,
    format: duration(0),
  }),
  server_write_timeout: setting({
    doc: 'Longest time from the headers of a request to the end of its response, after which the connection is closed; 0s is no limit.',
    default: 60_000,
    format: duration(0),
  }),
  server_idle_timeout: setting({
    doc: 'How long an idle connection is kept open for its next request.',
    default: 300_000,
    format: duration(0),
  }),
  'server.slice_rows': setting({
    doc: 'Series in one slice of a page; other work runs between two slices.',
    default: 2000,
    format: integer(1),
  }),
  'server.max_concurrent_scrapes': setting({
    doc: 'Concurrent scrapes; further ones wait in a queue. A scrape whose client does not read does not count.',
    default: 4,
    format: integer(1),
  }),
  'server.max_queued_scrapes': setting({
    doc: 'Scrapes that may wait in the queue; more are answered 503.',
    default: 8,
    format: integer(0),
  }),
  'server.queue_timeout': setting({
    doc: 'Longest wait of a scrape in the queue, after which it is answered 503.',
    default: 10_000,
    format: duration(1),
  }),
  'server.max_connections': setting({
    doc: 'Open connections to each of the two ports; idle ones are closed to make room for new ones.',
    default: 250,
    format: integer(1),
  }),
}
