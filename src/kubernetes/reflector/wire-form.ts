/** The forms in which objects are requested (the Accept header) and the readers of the responses. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import { isProtobuf } from '../api-client.ts'
import { DecodeError } from '../decode/decode-error.ts'
import { compileJsonDecoder } from '../decode/json.ts'
import { createJsonListReader, createJsonWatchReader } from '../decode/json-stream.ts'
import { compileProtobufDecoder } from '../decode/protobuf.ts'
import { createProtobufListReader, createProtobufWatchReader } from '../decode/protobuf-stream.ts'
import type { ListReader, WatchReader } from '../decode/stream-forms.ts'
import type { ReflectorOptions, ReflectorTarget } from './target.ts'

/** How one kind is requested and decoded. */
export interface WireForm<T> {
  readonly listAccept: string
  readonly watchAccept: string
  /** Readers for a body of this content type. Throw DecodeError for a type that was not requested. */
  listReader(contentType: string): ListReader<T>
  watchReader(contentType: string): WatchReader<T>
}

type WireFormOptions = Pick<ReflectorOptions, 'protobuf' | 'keepLastApplied' | 'keepManagedFields'>

/** The form of a target. Decoders are compiled when the first body comes. */
export function createWireForm<T extends KubernetesObject>(
  target: ReflectorTarget<T>,
  { protobuf, keepLastApplied = false, keepManagedFields = false }: WireFormOptions,
): WireForm<T> {
  const readers = {
    json: once(() => jsonReaders(target, { keepLastApplied, keepManagedFields })),
    protobuf: once(() => protobufReaders(target, keepLastApplied)),
  }
  const readersOf = (contentType: string): Readers<T> => {
    if (isProtobuf(contentType)) return readers.protobuf()
    if (contentType.startsWith('application/json')) return readers.json()
    throw new DecodeError('', `expected Kubernetes objects, got ${contentType || 'bytes without a type'}`)
  }
  return {
    ...acceptHeaders(target.form, protobuf && target.schema.raw !== true),
    listReader: (contentType) => readersOf(contentType).list(),
    watchReader: (contentType) => readersOf(contentType).watch(),
  }
}

interface Readers<T> {
  list(): ListReader<T>
  watch(): WatchReader<T>
}

function jsonReaders<T extends KubernetesObject>(
  target: ReflectorTarget<T>,
  keeps: Pick<WireFormOptions, 'keepLastApplied' | 'keepManagedFields'>,
): Readers<T> {
  const decodeObject = compileJsonDecoder(target.schema)
  const isTable = target.form === 'table'
  const options = {
    decode: isTable ? (row: unknown) => decodeObject(objectOfRow(row)) : decodeObject,
    elements: isTable ? ('rows' as const) : ('items' as const),
    members: target.reads,
    ...keeps,
  }
  return { list: () => createJsonListReader(options), watch: () => createJsonWatchReader(options) }
}

function protobufReaders<T extends KubernetesObject>(
  { schema }: ReflectorTarget<T>,
  keepLastApplied: boolean,
): Readers<T> {
  const options = { decode: compileProtobufDecoder(schema), keepLastApplied }
  return { list: () => createProtobufListReader(options), watch: () => createProtobufWatchReader(options) }
}

function acceptHeaders(
  form: ReflectorTarget['form'],
  protobuf: boolean,
): Pick<WireForm<unknown>, 'listAccept' | 'watchAccept'> {
  // A Table is only to be had as JSON.
  const types =
    protobuf && form !== 'table' ? ['application/vnd.kubernetes.protobuf', 'application/json'] : ['application/json']
  const accept = (as: string) =>
    types.map((type) => (as === '' ? type : `${type};as=${as};v=v1;g=meta.k8s.io`)).join(',')
  switch (form) {
    case 'object':
      return { listAccept: accept(''), watchAccept: accept('') }
    case 'metadata':
      return { listAccept: accept('PartialObjectMetadataList'), watchAccept: accept('PartialObjectMetadata') }
    case 'table':
      return { listAccept: accept('Table'), watchAccept: accept('Table') }
  }
}

/**
 * A Secret from its row. The server prints Name, Type, Data (a count) and Age, and names the columns in the first event of
 * a stream only: a row that does not look so is refused rather than misread.
 */
function objectOfRow(row: unknown): unknown {
  const { cells, object } = (row ?? {}) as { cells?: unknown; object?: { metadata?: { name?: unknown } } }
  const [name, type, count] = Array.isArray(cells) ? cells : []
  if (name !== object?.metadata?.name || typeof type !== 'string' || typeof count !== 'number') {
    throw new DecodeError('cells', 'expected the name, the type and the number of data of a Secret')
  }
  return { metadata: object?.metadata, type }
}

function once<V>(make: () => V): () => V {
  let made: V | undefined
  return () => (made ??= make())
}
