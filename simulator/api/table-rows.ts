/** Objects as Table rows and as PartialObjectMetadata. */

import type { ApiObject, KindDefinition } from './kinds.ts'

export type IncludeObject = 'Metadata' | 'None' | 'Object'

/** An object reduced to its metadata. */
export function partialMetadata(object: ApiObject, version = 'v1'): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

/** A Table with these rows. Only the first Table of a watch has column definitions. */
export function tableOf(
  resourceVersion: string,
  columns: readonly unknown[] | null,
  rows: readonly unknown[],
  version = 'v1',
): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: { resourceVersion },
    columnDefinitions: columns,
    rows,
  }
}

interface Column {
  readonly name: string
  readonly description: string
  /** `undefined` for the object of a bookmark, which has only metadata. */
  readonly cell: (object: ApiObject, nowMs: number) => unknown
}

const entryCount = ({ data }: ApiObject): number => Object.keys((data ?? {}) as object).length

const nameColumn: Column = {
  name: 'Name',
  description: 'The name of the object.',
  cell: ({ metadata }) => metadata.name ?? '',
}

const ageColumn: Column = {
  name: 'Age',
  description: 'The time since the object was created.',
  cell: ({ metadata }, nowMs) => age(metadata.creationTimestamp, nowMs),
}

const dataColumn: Column = { name: 'Data', description: 'Number of entries.', cell: entryCount }

/** The columns of these kinds; all others have name and age. */
const columnsOfKinds: Readonly<Record<string, readonly Column[]>> = {
  secrets: [
    nameColumn,
    { name: 'Type', description: 'The type of the secret.', cell: ({ type }) => type ?? '' },
    dataColumn,
    ageColumn,
  ],
  configmaps: [nameColumn, dataColumn, ageColumn],
}

const columnsOf = ({ plural }: KindDefinition) => columnsOfKinds[plural] ?? [nameColumn, ageColumn]

/** The columns as a Table declares them. */
export function columnDefinitions(kind: KindDefinition): readonly unknown[] {
  return columnsOf(kind).map(({ name, description }) => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    description,
    priority: 0,
  }))
}

/** The row of one object. */
export function tableRow(
  kind: KindDefinition,
  object: ApiObject,
  include: IncludeObject,
  nowMs: number,
  version = 'v1',
): Record<string, unknown> {
  const objects = {
    Metadata: () => partialMetadata(object, version),
    None: () => null,
    Object: () => ({ kind: kind.kind, apiVersion: kind.apiVersion, ...object }),
  }
  return { cells: columnsOf(kind).map(({ cell }) => cell(object, nowMs)), object: objects[include]() }
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** An age in the format of kubectl: two units while the larger one is small. */
function age(creationTimestamp: string | undefined, nowMs: number): string {
  if (creationTimestamp === undefined) return '<unknown>'
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(creationTimestamp)) / 1000))
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return twoUnits(seconds, minute, 'm', 1, 's')
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return twoUnits(seconds, hour, 'h', minute, 'm')
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  if (seconds < 8 * day) return twoUnits(seconds, day, 'd', hour, 'h')
  return `${Math.floor(seconds / day)}d`
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`
}
