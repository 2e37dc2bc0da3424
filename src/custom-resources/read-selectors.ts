/** The reading of selectors, in the notation of the API. */

import type { Selectors } from '../families/family.ts'
import { parseFieldSelector, parseLabelSelector, SelectorError } from '../families/selector.ts'
import type { YamlFields } from './yaml-fields.ts'

/** Selectors under these keys; undefined when neither is there. */
export function readSelectors(
  fields: YamlFields,
  keys: { readonly label: string; readonly field: string },
): Selectors | undefined {
  const label = readSelector(fields, keys.label, parseLabelSelector)
  const field = readSelector(fields, keys.field, parseFieldSelector)
  return label === '' && field === '' ? undefined : { label, field }
}

/** The API server is asked for objects with the selector in the URL, and parsing takes the square of the length. */
const maxLength = 4096

function readSelector(fields: YamlFields, name: string, parse: (text: string) => unknown): string {
  const text = fields.text(name)
  if (text.length > maxLength) {
    fields.wrong(fields.node(name), `${name}: expected at most ${maxLength} characters, got ${text.length}`)
    return ''
  }
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    fields.wrong(fields.node(name), `${name}: ${error.message}`)
  }
  return text
}
