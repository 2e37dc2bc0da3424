/** What becomes of a value that a label's path finds: a text, converted, cut or mapped as the rule says. */

import type { RE2JS } from 're2js'
import type { LabelDeclaration } from './configuration.ts'
import { toLabelText } from './label-text.ts'
import { conversions } from './named-conversion.ts'
import { compilePattern, stepsOfMatch } from './re2-pattern.ts'

/** A match may take about 50 ms. */
const maxSteps = 500_000

/** Yields undefined where the label is left out. Throws RangeError for a text that is too long to be matched. */
export type ReadLabelValue = (found: unknown) => string | undefined

/** Compiles the changes to a label's value; without any, the value is Go's `%v`, and left out when there is none. */
export function compileLabelValue({
  convert,
  match,
  replace = '$0',
  values,
  default: fallback,
}: LabelDeclaration): ReadLabelValue {
  if (convert === undefined && match === undefined && values === undefined && fallback === undefined) {
    return (found) => (found == null ? undefined : toLabelText(found))
  }
  const pattern = match === undefined ? undefined : compilePattern(match)
  const toText = (found: unknown): string | undefined => {
    if (found == null) return undefined
    if (convert === undefined) return toLabelText(found)
    const number = conversions[convert](found)
    return number === undefined ? undefined : toLabelText(number)
  }
  return (found) => {
    const text = toText(found)
    if (text === undefined) return fallback
    const cut = pattern === undefined ? text : replaced(pattern, text, replace)
    if (cut === undefined) return fallback
    return values === undefined ? cut : (values.get(cut) ?? fallback ?? cut)
  }
}

/** The replacement with `$0` to `$9` filled in; undefined when the pattern does not match. */
function replaced(pattern: RE2JS, text: string, replacement: string): string | undefined {
  if (stepsOfMatch(pattern, text) > maxSteps) {
    throw new RangeError(`expected a shorter value for the pattern of a label, got ${text.length} characters`)
  }
  const matcher = pattern.matcher(text)
  if (!matcher.find()) return undefined
  return replacement.replace(/\$(\d)/g, (_, digit: string) => {
    const group = Number(digit)
    return group <= matcher.groupCount() ? (matcher.group(group) ?? '') : ''
  })
}
