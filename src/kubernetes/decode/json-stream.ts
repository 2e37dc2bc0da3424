/** List bodies and watch streams in JSON: one object at a time from chunks of any size, never a whole list. */

import { appendChunk, consumeUntil, createByteWindow } from './byte-window.ts'
import { DecodeError } from './decode-error.ts'
import { compileJsonDecoder } from './json.ts'
import type { ElementsKey } from './json-list-scan.ts'
import { createListScan, noDepth, scanList, skeletonOf } from './json-list-scan.ts'
import type { ObjectScan, ReadMembers } from './json-scan.ts'
import { createObjectScan, parseScanned, prepareMembers, scanObject } from './json-scan.ts'
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

/** How the objects of a JSON stream are read. */
export interface JsonReaderOptions<T> {
  /** Reads one parsed element: an object, or a row (`cells`, `object`) of a Table. Integers beyond 2^53 are bigint. */
  readonly decode: (value: unknown) => T
  /** `rows` when the server was asked for a Table; `items` by default. */
  readonly elements?: ElementsKey
  /** Keep kubectl's last-applied-configuration annotation; dropped by default. */
  readonly keepLastApplied?: boolean
  /** Keep managedFields; dropped by default. */
  readonly keepManagedFields?: boolean
  /** The members of objects whose content is read; that of all of them if undefined. */
  readonly members?: ReadMembers | undefined
}

type JsonObject = Record<string, unknown>

const decodeStatus = compileJsonDecoder(Status)
const decodeListMeta = compileJsonDecoder(ListMeta)
const decodeMetadata = compileJsonDecoder(MetadataOnly)

/** A reader of the body of a JSON LIST, whatever the order of its keys. */
export function createJsonListReader<T>(options: JsonReaderOptions<T>): ListReader<T> {
  const window = createByteWindow()
  const elements = options.elements ?? 'items'
  const scan = createListScan(elements, options.keepManagedFields, membersOf(options))
  const decode = elementDecoder(options)
  return {
    *read(chunk) {
      appendChunk(window, chunk)
      while (scanList(scan, window)) {
        const { element } = scan
        const value = attempt(() => decode(parse(() => parseScanned(element, window.buffer, window.start))))
        consumeUntil(window, window.start + element.position)
        yield value
      }
    },
    end: () => endOfList(skeletonOf(scan), elements),
  }
}

function endOfList(skeleton: string, elements: ElementsKey): ListEnd {
  const body = objectAt(parse(() => JSON.parse(skeleton)))
  const kind = String(body?.kind)
  if (kind === 'Status') return { kind, status: decodeStatus(body) }
  const wanted = elements === 'rows' ? 'a Table' : 'a list'
  if (elements === 'rows' ? kind !== 'Table' : !kind.endsWith('List')) {
    throw new DecodeError('', `expected ${wanted}, got ${kind}`)
  }
  const left = body?.[elements] ?? []
  if (!Array.isArray(left) || left.length > 0) throw new DecodeError(elements, 'expected a list of objects')
  return { kind, metadata: decodeListMeta(body?.metadata ?? {}) }
}

/** A reader of a JSON watch stream: one event a line. A broken line is one DecodeError; the stream continues. */
export function createJsonWatchReader<T>(options: JsonReaderOptions<T>): WatchReader<T> {
  const window = createByteWindow()
  const decode = elementDecoder(options)
  const hasRows = options.elements === 'rows'
  const members = membersOf(options)
  const metadataDepth = options.keepManagedFields ? noDepth : hasRows ? 6 : 3
  let searched = 0
  return {
    *read(chunk) {
      searched = window.end - window.start
      appendChunk(window, chunk)
      for (let end = lineEnd(window.start + searched); end !== -1; end = lineEnd(window.start)) {
        const { start } = window
        const events =
          end === start
            ? []
            : attempt(() => decodeLine(window.buffer, { start, end, metadataDepth, members }, hasRows, decode))
        consumeUntil(window, end + 1)
        if (events instanceof DecodeError) yield events
        else yield* events
      }
    },
  }

  function lineEnd(from: number): number {
    const end = window.buffer.indexOf(0x0a, from)
    return end < window.end ? end : -1
  }
}

/** Where a line stands, and how deep the metadata is whose managedFields are cut. */
interface Line {
  readonly start: number
  readonly end: number
  readonly metadataDepth: number
  readonly members: ObjectScan['members']
}

/** What is read of every object, and of a Status in its place. */
const alwaysRead: ReadMembers = { metadata: undefined, details: undefined }

function membersOf({ members }: JsonReaderOptions<unknown>): ObjectScan['members'] {
  return members && prepareMembers({ ...members, ...alwaysRead })
}

/** The events of a line: one, but for a Table one for each row. */
function decodeLine<T>(
  bytes: Buffer,
  line: Line,
  hasRows: boolean,
  decode: (value: unknown) => T,
): readonly (WatchEvent<T> | DecodeError)[] {
  const event = objectAt(parse(() => parseLine(bytes, line)))
  const type = String(event?.type)
  const object = objectAt(event?.object)
  if (!object) throw new DecodeError('object', 'expected an object in a watch event')
  if (type === 'ERROR') return [{ type, status: decodeStatus(object) }]
  const rows = hasRows && object.kind === 'Table' ? object.rows : [object]
  if (!Array.isArray(rows)) throw new DecodeError('object.rows', 'expected a list')
  if (type === 'BOOKMARK') return [bookmarkEvent(decodeMetadata(rows[0]?.object ?? object))]
  if (!isObjectEvent(type)) throw new DecodeError('type', `unknown watch event ${JSON.stringify(type)}`)
  return rows.map((row) => attempt(() => ({ type, object: decode(row) })))
}

function parseLine(bytes: Buffer, { start, end, metadataDepth, members }: Line): unknown {
  const scan = createObjectScan(members)
  scanObject(scan, bytes, start, end, metadataDepth)
  scan.position = end - start
  return parseScanned(scan, bytes, start)
}

function elementDecoder<T>(options: JsonReaderOptions<T>): (value: unknown) => T {
  return (value) => {
    const object = objectAt(options.elements === 'rows' ? objectAt(value)?.object : value)
    const metadata = objectAt(object?.metadata)
    if (metadata) dropBulk(metadata, options)
    return options.decode(value)
  }
}

function dropBulk(
  metadata: JsonObject,
  options: Pick<JsonReaderOptions<unknown>, 'keepLastApplied' | 'keepManagedFields'>,
): void {
  if (!options.keepManagedFields && metadata.managedFields !== undefined) delete metadata.managedFields
  const annotations = objectAt(metadata.annotations)
  if (options.keepLastApplied || annotations?.[lastAppliedAnnotation] === undefined) return
  delete annotations[lastAppliedAnnotation]
}

function objectAt(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined
}

/** A syntax error costs what was parsed, as a wrong type does. */
function parse(parseIt: () => unknown): unknown {
  try {
    return parseIt()
  } catch (failure) {
    if (failure instanceof SyntaxError) throw new DecodeError('', `expected JSON: ${failure.message}`)
    // The exact parse is recursive; whoever may create custom resources chooses their depth.
    if (failure instanceof RangeError) throw new DecodeError('', `expected JSON of less depth: ${failure.message}`)
    throw failure
  }
}
