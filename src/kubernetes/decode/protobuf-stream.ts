/** List bodies and watch streams in protobuf: one object at a time from chunks of any size, never a whole list. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { ByteWindow } from './byte-window.ts'
import { appendChunk, consumeUntil, createByteWindow, maxObjectBytes } from './byte-window.ts'
import { DecodeError } from './decode-error.ts'
import type { Range } from './envelope.ts'
import { checkMagic, fieldExtent, findField, findText, magicLength, openEnvelope } from './envelope.ts'
import type { DecodeProtobuf } from './protobuf.ts'
import { compileProtobufDecoder } from './protobuf.ts'
import type { ListEnd, ListReader, WatchEvent, WatchReader } from './stream-forms.ts'
import {
  attempt,
  bookmarkEvent,
  isObjectEvent,
  ListMeta,
  lastAppliedAnnotation,
  MetadataOnly,
  Status,
} from './stream-forms.ts'

/** How the objects of a protobuf stream are read. */
export interface ProtobufReaderOptions<T> {
  readonly decode: DecodeProtobuf<T>
  /** Keep kubectl's last-applied-configuration annotation; dropped by default. */
  readonly keepLastApplied?: boolean
}

const decodeListMeta = compileProtobufDecoder(ListMeta)
const decodeStatus = compileProtobufDecoder(Status)
const decodeMetadata = compileProtobufDecoder(MetadataOnly)

/** A reader of the body of a protobuf LIST: `runtime.Unknown` around an XxxList. */
export function createProtobufListReader<T extends KubernetesObject>(options: ProtobufReaderOptions<T>): ListReader<T> {
  const window = createByteWindow()
  const state: ListState = { kind: undefined, listRest: undefined, metadata: undefined, status: undefined }
  const decode = objectDecoder(options)
  return {
    *read(chunk) {
      appendChunk(window, chunk)
      for (let field = nextField(window, state); field; field = nextField(window, state)) {
        const isItem = field.depth === 'list' && field.number === 2
        const item = isItem ? attempt(() => decode(window.buffer, field.start, field.end)) : undefined
        if (!isItem) noteField(window.buffer, field, state)
        finishField(window, field, state)
        if (item !== undefined) yield item
      }
    },
    end: () => endOfList(window, state),
  }
}

interface ListState {
  /** Undefined until the envelope's type is read. */
  kind: string | undefined
  /** How many bytes of the list message are still to come; undefined outside of it. */
  listRest: number | undefined
  metadata: ListMeta | undefined
  status: Status | undefined
}

/** A complete field of the envelope or of the list in it; `size` counts its tag and length too. */
interface ListField extends Range {
  readonly depth: 'envelope' | 'list'
  readonly number: number
  readonly size: number
}

function nextField(window: ByteWindow, state: ListState): ListField | undefined {
  if (!skipMagic(window, state)) return undefined
  if (state.listRest === 0) state.listRest = undefined
  const end = state.listRest === undefined ? window.end : Math.min(window.end, window.start + state.listRest)
  const extent = fieldExtent(window.buffer, window.start, end)
  if (!extent) return undefined
  if (state.listRest === undefined && extent.number === 2 && state.kind?.endsWith('List')) {
    state.listRest = extent.end - extent.start
    consumeUntil(window, extent.start)
    return nextField(window, state)
  }
  const size = extent.end - window.start
  if (size > (state.listRest ?? maxObjectBytes)) throw new DecodeError('', `a list element of ${size} bytes`)
  if (extent.end > window.end) return undefined
  return { ...extent, depth: state.listRest === undefined ? 'envelope' : 'list', size }
}

/** The magic is checked once: kind is empty from then on, until it is read from the envelope. */
function skipMagic(window: ByteWindow, state: ListState): boolean {
  if (state.kind !== undefined) return true
  if (window.end - window.start < magicLength) return false
  checkMagic(window.buffer, window.start, window.end)
  consumeUntil(window, window.start + magicLength)
  state.kind = ''
  return true
}

function noteField(bytes: Buffer, field: ListField, state: ListState): void {
  if (field.depth === 'list') {
    if (field.number === 1) state.metadata = decodeListMeta(bytes, field.start, field.end)
  } else if (field.number === 1) state.kind = findText(bytes, field, 2)
  else if (field.number === 2) {
    if (state.kind !== 'Status')
      throw new DecodeError('', `expected a list, got ${state.kind || 'an object without kind'}`)
    state.status = decodeStatus(bytes, field.start, field.end)
  }
}

function finishField(window: ByteWindow, field: ListField, state: ListState): void {
  if (state.listRest !== undefined) state.listRest -= field.size
  consumeUntil(window, field.end)
}

function endOfList(window: ByteWindow, { kind, listRest, metadata, status }: ListState): ListEnd {
  if (window.start !== window.end || (listRest ?? 0) > 0) throw new DecodeError('', 'the list was cut off')
  if (status) return { kind: 'Status', status }
  if (!metadata || !kind) throw new DecodeError('', 'the list was cut off')
  return { kind, metadata }
}

/** A reader of a protobuf watch stream: frames of a 4-byte length and a `metav1.WatchEvent`. */
export function createProtobufWatchReader<T extends KubernetesObject>(
  options: ProtobufReaderOptions<T>,
): WatchReader<T> {
  const window = createByteWindow()
  const decode = objectDecoder(options)
  return {
    *read(chunk) {
      appendChunk(window, chunk)
      while (window.end - window.start >= 4) {
        const length = window.buffer.readUInt32BE(window.start)
        if (length > maxObjectBytes) throw new DecodeError('', `a watch frame of ${length} bytes`)
        const start = window.start + 4
        const end = start + length
        if (end > window.end) return
        const event = attempt(() => decodeEvent(window.buffer, { start, end }, decode))
        consumeUntil(window, end)
        yield event
      }
    },
  }
}

function decodeEvent<T>(bytes: Buffer, frame: Range, decode: DecodeProtobuf<T>): WatchEvent<T> {
  const type = findText(bytes, frame, 1)
  const extension = findField(bytes, frame, 2)
  const raw = extension && findField(bytes, extension, 1)
  if (!raw) throw new DecodeError('', `a watch event of type ${JSON.stringify(type)} without object`)
  const { start, end } = openEnvelope(bytes, raw).message
  if (isObjectEvent(type)) return { type, object: decode(bytes, start, end) }
  if (type === 'BOOKMARK') return bookmarkEvent(decodeMetadata(bytes, start, end))
  if (type === 'ERROR') return { type, status: decodeStatus(bytes, start, end) }
  throw new DecodeError('', `a watch event of unknown type ${JSON.stringify(type)}`)
}

function objectDecoder<T extends KubernetesObject>(options: ProtobufReaderOptions<T>): DecodeProtobuf<T> {
  if (options.keepLastApplied) return options.decode
  return (bytes, start, end) => {
    const object = options.decode(bytes, start, end)
    // The map is ours alone: the decoder has just made it.
    const annotations = object.metadata.annotations as Map<string, string>
    annotations.delete(lastAppliedAnnotation)
    return object
  }
}
