/** The comparison as text: a paragraph for each family that differs, and a summary line. */

import type { Comparison, FamilyDifference, PageSize } from '../inspect/compare/difference.ts'

/** `here` is the page of this program, `there` the one it is compared with. */
export function comparisonText(comparison: Comparison, there: string): string {
  return [...comparison.differences.map(familyText), summary(comparison, there)].join('')
}

function familyText({ name, only, types, series, examples }: FamilyDifference): string {
  const points = [
    ...(only === undefined ? [] : [`family only ${only === 'ours' ? 'here' : 'there'}`]),
    ...(types === undefined ? [] : [`type ${types.ours} here, ${types.theirs} there`]),
    ...counted(series.onlyTheirs, 'only there'),
    ...counted(series.onlyOurs, 'only here'),
    ...counted(series.changed, 'with other values'),
  ]
  return [
    `${name}: ${points.join('; ')}\n`,
    ...examples.onlyTheirs.map((text) => `  there  ${text}\n`),
    ...examples.onlyOurs.map((text) => `  here   ${text}\n`),
    ...examples.changed.map(({ series: text, ours, theirs }) => `  value  ${text}  here ${ours}, there ${theirs}\n`),
  ].join('')
}

const counted = (count: number, what: string) => (count === 0 ? [] : [`${seriesCount(count)} ${what}`])

function summary({ equal, ours, theirs, differences, readings }: Comparison, there: string): string {
  const times = readings === 1 ? '' : `, after ${readings} readings of both`
  if (equal) return `equal: ${sizeText(ours)}, here and on ${there}${times}\n`
  const sum = (kind: 'onlyOurs' | 'onlyTheirs' | 'changed') =>
    differences.reduce((total, { series }) => total + series[kind], 0).toLocaleString('en')
  const families = differences.length === 1 ? '1 family differs' : `${differences.length} families differ`
  return [
    `${families}${times}: ${sum('onlyTheirs')} series only there, ${sum('onlyOurs')} only here, `,
    `${sum('changed')} with other values (here ${sizeText(ours)}; there ${sizeText(theirs)}: ${there})\n`,
  ].join('')
}

const sizeText = ({ families, series }: PageSize) =>
  `${families} ${families === 1 ? 'family' : 'families'} and ${seriesCount(series)}`
const seriesCount = (count: number) => `${count.toLocaleString('en')} series`
