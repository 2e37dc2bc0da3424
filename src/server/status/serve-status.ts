/** The route of the status page and its query: `refresh`, and the object that is looked up. */

import type { FastifyInstance } from 'fastify'
import { sendHtml } from '../http-server.ts'
import type { StatusSource } from './status.ts'
import type { Lookup } from './status-page.ts'
import { renderStatusPage } from './status-page.ts'

const refreshSeconds = 5

/** Adds the page at `/`. A page with an object on it does not refresh, so that it can be read. */
export function serveStatus(
  server: FastifyInstance,
  source: StatusSource,
  links: readonly { readonly path: string; readonly description: string }[],
): void {
  server.get('/', async (request, reply) => {
    const query = request.query as Readonly<Record<string, unknown>>
    const lookup = lookUp(source, query)
    const isStill = lookup !== undefined || query.refresh === '0'
    const status = await source.read()
    const page = renderStatusPage({ status, lookup, links, refreshSeconds: isStill ? undefined : refreshSeconds })
    return sendHtml(reply.header('cache-control', 'no-store'), page)
  })
}

function lookUp(source: StatusSource, query: Readonly<Record<string, unknown>>): Lookup | undefined {
  const [resource, namespace, name] = ['resource', 'namespace', 'name'].map((key) => String(query[key] ?? '').trim())
  if (!resource || !name) return undefined
  const object = { resource, namespace: namespace ?? '', name }
  return { ...object, text: source.lookUp(object) }
}
