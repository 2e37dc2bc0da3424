/** What the lines of a family have in common in the Prometheus text format and in OpenMetrics. */

import type { AnyFamily } from '../families/family.ts'
import { labelSetsOf } from '../families/label-sets.ts'
import { viewOf } from './byte-words.ts'

export type TextFormat = 'text' | 'openmetrics'

/** The bytes that the lines of a family share, prepared once. */
export interface FamilyText {
  /** The HELP and TYPE lines. */
  readonly header: Uint8Array
  /** The metric name of samples. */
  readonly name: DataView
}

/** The end of an OpenMetrics page. */
export const openMetricsEnd: Uint8Array = Buffer.from('# EOF\n')

/** Prepares the header of a family. OpenMetrics requires escaped quotes in help. */
export function createFamilyText(family: AnyFamily, format: TextFormat): FamilyText {
  const isOpen = format === 'openmetrics'
  const { name, type } = isOpen ? openMetricsType(family) : { name: family.name, type: textType(family) }
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const helpText = isOpen ? help.replaceAll('"', '\\"') : help
  return {
    header: Buffer.from(`# HELP ${name} ${helpText}\n# TYPE ${name} ${type}\n`),
    name: viewOf(Buffer.from(family.name)),
  }
}

const textType = ({ type }: AnyFamily) => (type === 'counter' ? 'counter' : 'gauge')

/**
 * In OpenMetrics, the name of a counter family has no `_total` and that of an info family no `_info`, and a state set
 * needs a label with its own name. Families that do not follow these rules become gauges, because strict parsers would
 * reject the page.
 */
function openMetricsType(family: AnyFamily): { readonly name: string; readonly type: string } {
  const { name, type } = family
  if (type === 'counter') return { name: name.replace(/_total$/, ''), type }
  if (type === 'info' && name.endsWith('_info')) return { name: name.slice(0, -'_info'.length), type }
  if (type === 'stateset' && labelSetsOf(family).some((labels) => labels.includes(name))) return { name, type }
  return { name, type: 'gauge' }
}
