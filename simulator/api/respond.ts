/** Responds to one request: authentication, resource lookup, then the handler of the verb. One function per step. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './api-faults.ts'
import type { Refusal } from './api-status.ts'
import { methodNotAllowed, notFound, unauthorized, unknownResource } from './api-status.ts'
import type { BodyWriter } from './body-writer.ts'
import { createBodyWriter } from './body-writer.ts'
import type { Encoder, Segment } from './encoder.ts'
import { createEncoder, encodeStatus } from './encoder.ts'
import type { Exchange } from './http-endpoint.ts'
import { jsonBytes } from './json-text.ts'
import type { ApiObject, KindDefinition } from './kinds.ts'
import { readListOptions } from './list-options.ts'
import { listPage } from './list-page.ts'
import type { ObjectStore } from './object-store.ts'
import type { ApiRequest } from './request.ts'
import type { Form } from './response-form.ts'
import { contentTypeOf, encodingOfErrors, negotiate } from './response-form.ts'
import type { IncludeObject } from './table-rows.ts'
import type { Watch } from './watch-stream.ts'
import { startWatch } from './watch-stream.ts'
import { applyWrite } from './write-requests.ts'

/** The parts of the server that responding depends on. */
export interface ResponseContext {
  readonly store: ObjectStore
  readonly isWatchListServed: boolean
  readonly hasShardSelectors: boolean
  readonly bookmarkIntervalMs: number
  readonly nowMs: () => number
  /** Called for each watch that starts. */
  readonly onWatch: (request: ApiRequest, watch: Watch) => void
  readonly cut: (peer: string) => void
}

/** A request in progress: the exchange, the parsed request and the injected fault. */
interface Call {
  readonly context: ResponseContext
  readonly exchange: Exchange
  readonly request: ApiRequest
  readonly fault: Fault | undefined
}

/** Responds to one request, with its fault. `isKnown` is whether its token is valid. */
export async function respond(
  context: ResponseContext,
  exchange: Exchange,
  request: ApiRequest,
  fault: Fault | undefined,
  isKnown: boolean,
): Promise<void> {
  const call = { context, exchange, request, fault }
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs)
  await fault?.until
  if (exchange.response.destroyed) return
  const canned = fault?.response
  if (canned === 'cut') return context.cut(exchange.peer)
  if (canned === 'silence') return
  if (canned && 'body' in canned) return sendJson(exchange, canned.code, canned.body)
  const refusal = canned ?? (isKnown ? undefined : unauthorized())
  if (refusal) return refuse(exchange, refusal)
  return request.resource ? serveResource(call, requestedKind(call)) : servePath(call)
}

function requestedKind({ context: { store }, request: { resource } }: Call): KindDefinition | undefined {
  const kind = store.kinds.find(({ plural }) => plural === resource?.plural)
  if (kind?.apiVersion !== resource?.apiVersion || resource?.subresource !== undefined) return undefined
  const hasValidScope =
    kind?.namespaced === true
      ? resource?.namespace !== undefined || resource?.name === undefined
      : resource?.namespace === undefined
  return hasValidScope ? kind : undefined
}

async function serveResource(call: Call, kind: KindDefinition | undefined): Promise<void> {
  const { exchange, request, context } = call
  if (!kind) return refuse(exchange, unknownResource())
  if (request.verb === 'other') return refuse(exchange, methodNotAllowed())
  const form = negotiate(exchange.headers.accept, request.verb, kind)
  if ('code' in form) return refuse(exchange, form)
  const include = (request.query.get('includeObject') ?? 'Metadata') as IncludeObject
  const encoder = createEncoder(kind, form, include, context.nowMs())
  if (request.verb === 'list') return serveList(call, kind, form, encoder)
  if (request.verb === 'watch') return serveWatch(call, kind, form, encoder)
  if (request.verb === 'get') return serveGet(call, kind, form, encoder)
  const written = applyWrite(context.store, kind, request)
  if ('code' in written) return refuse(exchange, written)
  return sendObject(call, written.status, form, encoder, written.object)
}

function serveGet(call: Call, kind: KindDefinition, form: Form, encoder: Encoder): Promise<void> {
  const { context, exchange, request } = call
  const { name = '', namespace, group } = request.resource ?? { group: '' }
  const object = context.store.get(kind.plural, namespace === undefined ? { name } : { name, namespace })
  if (!object) return Promise.resolve(refuse(exchange, notFound({ plural: kind.plural, group, name })))
  return sendObject(call, 200, form, encoder, object)
}

function sendObject(call: Call, status: number, form: Form, encoder: Encoder, object: ApiObject): Promise<void> {
  const segment = { bytes: encoder.object(object), isItem: true }
  return sendSegments(call, status, contentTypeOf(form.encoding), encoder, [segment])
}

async function serveList(call: Call, kind: KindDefinition, form: Form, encoder: Encoder): Promise<void> {
  const { context, exchange, request } = call
  const options = readListOptions(request, kind, context)
  if ('code' in options) return refuse(exchange, options)
  const page = listPage(context.store, kind.plural, options)
  if ('code' in page) return refuse(exchange, page)
  return sendSegments(call, 200, contentTypeOf(form.encoding), encoder, encoder.list(page.metadata, page.objects))
}

async function serveWatch(call: Call, kind: KindDefinition, form: Form, encoder: Encoder): Promise<void> {
  const { context, exchange, request, fault } = call
  const list = readListOptions(request, kind, context)
  if ('code' in list) return refuse(exchange, list)
  exchange.writeHead(200, headersOf(contentTypeOf(form.encoding, true)))
  exchange.response.flushHeaders()
  const { bookmarkIntervalMs, isWatchListServed } = context
  const withoutBookmarks = fault?.withoutBookmarks
  const options = { plural: kind.plural, list, bookmarkIntervalMs, isWatchListServed, withoutBookmarks }
  const watch = startWatch(context.store, encoder, writerOf(call, encoder), options)
  exchange.onClose(watch.close)
  context.onWatch(request, watch)
  await watch.ended
}

async function sendSegments(
  call: Call,
  status: number,
  contentType: string,
  encoder: Encoder,
  segments: Iterable<Segment>,
): Promise<void> {
  call.exchange.writeHead(status, headersOf(contentType))
  const writer = writerOf(call, encoder)
  for (const { bytes, isItem } of segments) {
    if (writer.isDone) return
    await writer.write(bytes, isItem)
  }
  await writer.end()
}

function writerOf({ context, exchange, fault }: Call, encoder: Encoder): BodyWriter {
  return createBodyWriter(exchange.response, fault, () => context.cut(exchange.peer), encoder.error)
}

const headersOf = (contentType: string, more: Readonly<Record<string, string>> = {}) => ({
  'cache-control': 'no-cache, private',
  'content-type': contentType,
  ...more,
})

function refuse(exchange: Exchange, refusal: Refusal): void {
  const encoding = encodingOfErrors(exchange.headers.accept)
  const retryAfter = refusal.details?.retryAfterSeconds
  const more = retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` }
  sendBytes(exchange, refusal.code, headersOf(contentTypeOf(encoding), more), encodeStatus(refusal, encoding))
}

function sendBytes(exchange: Exchange, status: number, headers: Record<string, string>, bytes: Uint8Array): void {
  exchange.writeHead(status, { ...headers, 'content-length': `${bytes.length}` })
  exchange.response.write(bytes, () => exchange.response.end())
}

const sendJson = (exchange: Exchange, status: number, body: unknown): void =>
  sendBytes(exchange, status, headersOf('application/json'), jsonBytes(body))

const version = { major: '1', minor: '36', gitVersion: 'v1.36.3', platform: 'linux/amd64' }
const healthPaths: readonly string[] = ['/readyz', '/livez', '/healthz']

function servePath({ exchange, request: { path } }: Call): void {
  const isHealth = healthPaths.includes(path)
  const text = Buffer.from(isHealth ? 'ok' : '404 page not found\n')
  if (path === '/version') sendJson(exchange, 200, version)
  else sendBytes(exchange, isHealth ? 200 : 404, headersOf('text/plain; charset=utf-8'), text)
}
