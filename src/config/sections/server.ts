/** Owns the keys of the HTTP servers: metrics of objects on one port, of ourselves on another. */
import { duration } from '../formats/duration.ts'
import { boolean, integer, text } from '../formats/format.ts'
import { setting } from '../setting.ts'

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
  enable_gzip_encoding: setting({
    doc: 'Compress pages for scrapers that ask for it.',
    default: false,
    format: boolean,
  }),
  server_read_timeout: setting({
    doc: 'How long a request may take to arrive whole; 0s is without limit.',
    default: 60_000,
    format: duration(0),
  }),
  server_read_header_timeout: setting({
    doc: "How long a request's headers may take to arrive; 0s is without limit.",
    default: 5000,
    format: duration(0),
  }),
  server_write_timeout: setting({
    doc: 'How long a scraper may take nothing of its answer; 0s is without limit.',
    default: 60_000,
    format: duration(0),
  }),
  server_idle_timeout: setting({
    doc: 'How long a connection may wait for its next request.',
    default: 300_000,
    format: duration(0),
  }),
  'server.slice_rows': setting({
    doc: 'Series that are written at a stretch before other work of the process gets its turn.',
    default: 2000,
    format: integer(1),
  }),
  'server.max_concurrent_scrapes': setting({
    doc: 'Scrapes that are answered at a time; further ones wait.',
    default: 4,
    format: integer(1),
  }),
  'server.max_queued_scrapes': setting({
    doc: 'Scrapes that may wait; more are answered 503.',
    default: 8,
    format: integer(0),
  }),
}
