/** Negotiates the form of a response from the Accept header. */

import type { Refusal } from './api-status.ts'
import { notAcceptable } from './api-status.ts'
import type { KindDefinition } from './kinds.ts'
import type { Verb } from './request.ts'

export type Encoding = 'json' | 'protobuf'
export type Shape = 'object' | 'table' | 'metadata'

/** The encoding and shape of a response. */
export interface Form {
  readonly encoding: Encoding
  readonly shape: Shape
  /** The version of the requested Table or PartialObjectMetadata. */
  readonly shapeVersion: string
}

const jsonType = 'application/json'
const protobufType = 'application/vnd.kubernetes.protobuf'
const shapesByName: Readonly<Record<string, Shape>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
}

/** Whole objects as JSON. */
export const plainJson: Form = { encoding: 'json', shape: 'object', shapeVersion: '' }

export const contentTypeOf = (encoding: Encoding, isStream = false): string =>
  encoding === 'json' ? jsonType : `${protobufType}${isStream ? ';stream=watch' : ''}`

/** The first supported form in the Accept header, or the error 406. Quality values are ignored. */
export function negotiate(accept: string | undefined, verb: Verb, kind: KindDefinition | undefined): Form | Refusal {
  for (const clause of clausesOf(accept)) {
    const encoding = encodingOf(clause, kind)
    if (!encoding) continue
    const as = clause.parameters.get('as')
    if (as === undefined) return { ...plainJson, encoding }
    const shape = shapesByName[as]
    if (!shape || clause.parameters.get('g') !== 'meta.k8s.io') continue
    if (shape === 'table' && encoding === 'protobuf') continue
    return mismatch(as, verb) ?? { encoding, shape, shapeVersion: clause.parameters.get('v') ?? 'v1' }
  }
  return notAcceptable(`only the following media types are accepted: ${mediaTypes(kind).join(', ')}`)
}

/** The encoding of error responses, which have no Table or metadata form. */
export function encodingOfErrors(accept: string | undefined): Encoding {
  for (const clause of clausesOf(accept)) {
    const encoding = clause.parameters.has('as') ? undefined : encodingOf(clause, undefined)
    if (encoding) return encoding
  }
  return 'json'
}

interface Clause {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

function clausesOf(accept = '*/*'): Clause[] {
  return accept.split(',').map((text) => {
    const [type = '', ...parameters] = text.split(';').map((it) => it.trim())
    return { type, parameters: new Map(parameters.map((it) => it.split('=') as [string, string])) }
  })
}

function encodingOf({ type }: Clause, kind: KindDefinition | undefined): Encoding | undefined {
  if (type === '*/*' || type === 'application/*' || type === jsonType) return 'json'
  const hasProtobuf = kind === undefined || kind.schema !== undefined
  return type === protobufType && hasProtobuf ? 'protobuf' : undefined
}

const mediaTypes = (kind: KindDefinition | undefined) =>
  kind && !kind.schema ? [jsonType, 'application/yaml'] : [jsonType, 'application/yaml', protobufType]

function mismatch(as: string, verb: Verb): Refusal | undefined {
  if (as === 'PartialObjectMetadata' && verb === 'list') {
    return notAcceptable('you requested PartialObjectMetadata, but the requested object is a list')
  }
  if (as === 'PartialObjectMetadataList' && verb === 'get') {
    return notAcceptable('you requested PartialObjectMetadataList, but the requested object is not a list')
  }
  return undefined
}
