/** The cost of series as text: a summary, and a table each for resources, families, labels and namespaces. */

import type { CardinalityDifference, CostChange } from '../inspect/cardinality/cardinality-difference.ts'
import type { Cardinality } from '../survey/cardinality.ts'
import { alignTable } from './table.ts'

/** A heading, and the cell of a line; numbers stand on the right. */
type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number]

export function cardinalityText(cardinality: Cardinality, top: number): string {
  const { total, limits, resources, families, labels, namespaces } = cardinality
  const withheld = total.withheld > 0
  const reached = limits.filter((limit) => limit.withheld > 0)
  return [
    `${count(total.series)} series of ${count(total.objects)} objects: ${size(total.bytes)} on /metrics, ${size(total.memory)} in memory\n`,
    ...reached.map(
      ({ kind, name, max, withheld: series }) =>
        `limit of ${count(max)} series of ${kind === 'all' ? 'all resources' : `${kind} ${name}`}: ${count(series)} series withheld\n`,
    ),
    table(resources, top, [
      ['RESOURCE', ({ resource }) => resource],
      ['OBJECTS', ({ objects }) => objects],
      ...costColumns(withheld),
      ['MEMORY', ({ memory }) => size(memory)],
    ]),
    table(families, top, [
      ['FAMILY', ({ family }) => family],
      ['RESOURCE', (cost) => cost.resources.join(', ')],
      ...costColumns(withheld),
    ]),
    table(labels, top, [
      ['LABEL', ({ label }) => label],
      ['VALUES', ({ values }) => values],
      ['SERIES', ({ series }) => series],
      ['BYTES', ({ bytes }) => size(bytes)],
    ]),
    table(namespaces, top, [
      ['NAMESPACE', ({ namespace }) => namespace || clusterScoped],
      ['OBJECTS', ({ objects }) => objects],
      ...costColumns(withheld),
    ]),
  ].join('')
}

interface Cost {
  readonly series: number
  readonly withheld: number
  readonly bytes: number
}

function costColumns(isWithheldShown: boolean): Column<Cost>[] {
  return [
    ['SERIES', ({ series }) => series],
    ...(isWithheldShown ? [['WITHHELD', ({ withheld }) => withheld] as Column<Cost>] : []),
    ['BYTES', ({ bytes }) => size(bytes)],
  ]
}

/** What differs between two configurations. */
export function differenceText(difference: CardinalityDifference, top: number): string {
  const { total, resources, families, labels, namespaces } = difference
  const share = total.before === 0 ? '' : `, ${signed(percent(total.before, total.after))} %`
  return [
    `${count(total.before)} series now, ${count(total.after)} with the other configuration (${signed(total.after - total.before)}${share}); `,
    `${size(total.bytesBefore)} on /metrics now, ${size(total.bytesAfter)} then\n`,
    ...[
      ['RESOURCE', resources] as const,
      ['FAMILY', families] as const,
      ['LABEL', labels] as const,
      ['NAMESPACE', namespaces] as const,
    ].map(([heading, changes]) => changeTable(heading, changes, top)),
  ].join('')
}

function changeTable(heading: string, changes: readonly CostChange[], top: number): string {
  if (changes.length === 0) return ''
  return table(changes, top, [
    [heading, ({ name }) => name || clusterScoped],
    ['SERIES', ({ before }) => before],
    ['THEN', ({ after }) => after],
    ['CHANGE', ({ before, after }) => signed(after - before)],
    ['BYTES', ({ bytesBefore }) => size(bytesBefore)],
    ['THEN', ({ bytesAfter }) => size(bytesAfter)],
  ])
}

const clusterScoped = '(cluster-scoped)'

/** An empty line, and the first lines of the table. Nothing but the headings if there are none. */
function table<Row>(rows: readonly Row[], top: number, columns: readonly Column<Row>[]): string {
  const shown = rows.slice(0, top)
  const cells = shown.map((row) => columns.map(([, cell]) => cell(row)))
  const texts = cells.map((line) => line.map((cell) => (typeof cell === 'number' ? count(cell) : cell)))
  const headings = columns.map(([heading]) => heading)
  const names = cells[0]?.findLastIndex((cell, i) => i < 2 && typeof cell === 'string' && headings[i] !== 'BYTES') ?? 0
  const widths = headings.map((heading, i) => Math.max(heading.length, ...texts.map((line) => line[i]?.length ?? 0)))
  const right = (line: readonly string[]) => line.map((text, i) => (i <= names ? text : text.padStart(widths[i] ?? 0)))
  const rest = rows.length - shown.length
  return `\n${alignTable(right(headings), texts.map(right))}${rest > 0 ? `and ${count(rest)} more\n` : ''}`
}

const count = (value: number) => value.toLocaleString('en')
const signed = (value: number) => `${value > 0 ? '+' : ''}${count(value)}`
const percent = (before: number, after: number) => Math.round((1000 * (after - before)) / before) / 10

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Decimal, with three digits. */
function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 ? value : value.toPrecision(3)} ${units[step]}`
}
