/** Regular expressions of rules. RE2 never backtracks, but a match may cost the product of the text's length and the pattern's size. */

import { RE2JS } from 're2js'
import { ExpressionError } from './expression-error.ts'

const maxLength = 1000
/** Instructions. Patterns that people write have less than a hundred; repetitions such as `x{1000}` multiply them. */
const maxSize = 1000

/** Compiles a pattern. Throws ExpressionError, which says what is expected. */
export function compilePattern(text: string): RE2JS {
  if (text.length > maxLength) {
    throw new ExpressionError(`expected a pattern of at most ${maxLength} characters, got ${text.length}`)
  }
  const pattern = compile(text)
  const size = pattern.programSize()
  if (size <= maxSize) return pattern
  throw new ExpressionError(`expected a pattern of at most ${maxSize} instructions, got ${size}: repeat less`)
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ExpressionError(`expected an RE2 regular expression (${reason})`)
  }
}

/** Instructions that are executed in about the time of a step of evaluation. */
const instructionsPerStep = 8

/** The steps of evaluation that a match costs at most. */
export function stepsOfMatch(pattern: RE2JS, text: string): number {
  return text.length * Math.ceil(pattern.programSize() / instructionsPerStep)
}
