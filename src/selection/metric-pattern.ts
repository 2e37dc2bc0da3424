/**
 * Patterns of metric names in the two dialects of kube-state-metrics: ECMAScript for the allow and deny lists, RE2 for the
 * opt-in list. kube-state-metrics uses a .NET-like engine for the former. Syntax with another meaning in JavaScript is
 * translated or rejected, because a deny list that never matches would have no effect.
 */

import { RE2JS } from 're2js'

/** Whether a metric name matches anywhere. */
export type PatternTest = (name: string) => boolean

/** Throws an Error with the reason if the pattern is invalid. */
export function compileEcmaPattern(pattern: string): PatternTest {
  const { options, body } = splitOptions(pattern)
  const translated = translate(body)
  const regExp = new RegExp(options === '' ? translated : `(?${options}:${translated})`)
  rejectUnknownReferences(translated)
  return (name) => regExp.test(name)
}

/** Throws an Error with the reason if the pattern is invalid. */
export function compileRe2Pattern(pattern: string): PatternTest {
  const compiled = RE2JS.compile(pattern)
  return (name) => compiled.matcher(name).find()
}

/** Options for the whole pattern, `(?i)` at its start, are a syntax error in JavaScript. */
function splitOptions(pattern: string): { options: string; body: string } {
  const [opening = '', options = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  return { options, body: pattern.slice(opening.length) }
}

/** Anchors that are letters in JavaScript. A metric name is one line and is matched from its start. */
const anchors: Readonly<Record<string, string>> = { A: '^', G: '^', z: '$', Z: '$' }

/** Escaped letters and digits with the same meaning in both engines. */
const commonEscape = /^\\(?:[bBdDwWsSnrtfv\d]|c[A-Za-z]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|k<[^>]+>|[^A-Za-z\d])/

function translate(pattern: string): string {
  let translated = ''
  let inClass = false
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at)
    const token = rest.startsWith('\\') ? readEscape(rest, inClass) : { length: 1, text: pattern[at] as string }
    if (inClass) rejectClassSyntax(rest)
    else rejectLeadingBracket(rest)
    if (token.text === '[' && !inClass) inClass = true
    else if (token.text === ']') inClass = false
    translated += token.text
    at += token.length
  }
  return translated
}

function readEscape(rest: string, inClass: boolean): { length: number; text: string } {
  const anchor = anchors[rest[1] ?? '']
  if (anchor !== undefined && !inClass) return { length: 2, text: anchor }
  const common = commonEscape.exec(rest)?.[0]
  if (common === undefined && rest.length > 1) {
    throw new SyntaxError(`the escape ${rest.slice(0, 2)}${inClass ? ' within brackets' : ''} is not supported`)
  }
  return { length: (common ?? rest).length, text: common ?? rest }
}

/** .NET subtracts one class from another with `[a-z-[aeiou]]`; RE2 names classes as `[[:alpha:]]`. */
function rejectClassSyntax(rest: string): void {
  const [syntax] = /^(?:-\[|\[:\^?\w+:\])/.exec(rest) ?? []
  if (syntax !== undefined) throw new SyntaxError(`${syntax} within brackets is not supported`)
}

/** A bracket first in a class belongs to it in .NET; in JavaScript the class ends there, without a character, and never matches. */
function rejectLeadingBracket(rest: string): void {
  const [syntax] = /^\[\^?\]/.exec(rest) ?? []
  if (syntax !== undefined) throw new SyntaxError(`${syntax} is not supported; write \\] for a bracket in a class`)
}

/** In JavaScript, a reference to a group that does not exist is a character. */
function rejectUnknownReferences(pattern: string): void {
  const escapes = pattern.matchAll(/\\(?:([1-9]\d*)|k<([^>]+)>|.)/gs)
  const groups = new RegExp(`${pattern}|`).exec('')
  for (const [reference, number, name] of escapes) {
    const isKnown = name === undefined ? Number(number ?? 0) < (groups?.length ?? 0) : name in (groups?.groups ?? {})
    if (!isKnown) throw new SyntaxError(`${reference} refers to no group`)
  }
}
