/** The messages of warnings and errors in the log, read from the sources. `…` stands for what is filled in. */

import { globSync, readFileSync } from 'node:fs'

/** Where a message that is no literal at the call comes from: the texts that follow a match in a file. */
interface Origin {
  readonly file: string
  readonly before: RegExp
}

/** By file and expression. */
const origins: Readonly<Record<string, Origin>> = {
  'src/kubernetes/coordination/access-review.ts adviceOn(error)': {
    file: 'src/kubernetes/coordination/access-review.ts',
    before: /return (?='(?:no|the) )/g,
  },
  'src/kubernetes/coordination/leader-elector.ts withoutRights': {
    file: 'src/kubernetes/coordination/leader-elector.ts',
    before: /const withoutRights =\s+/g,
  },
  'src/kubernetes/reflector/fault-log.ts messages.fault': {
    file: 'src/kubernetes/reflector/fault-log.ts',
    before: /(?:fault|several): (?=['`])/g,
  },
  'src/runtime/group-polling.ts message': { file: 'src/runtime/group-polling.ts', before: /const message =\s+/g },
  'src/runtime/pushing.ts message': {
    file: 'src/runtime/cluster-identity.ts',
    before: /(?:onFailure\(|[?:] )(?='the )/g,
  },
  'src/runtime/reporting-engine.ts limitReached': {
    file: 'src/runtime/reporting-engine.ts',
    before: /const limitReached = /g,
  },
  'src/runtime/rule-reports.ts message': { file: 'src/runtime/rule-reports.ts', before: /const message = /g },
  'src/runtime/rule-reports.ts silence': { file: 'src/custom-resources/rule-text.ts', before: /const subject = /g },
  'src/runtime/shard-handover.ts notAgreed': { file: 'src/runtime/shard-handover.ts', before: /const notAgreed =\s+/g },
  'src/runtime/stateful-set-watch.ts message': {
    file: 'src/runtime/stateful-set-watch.ts',
    before: /const message =\s+/g,
  },
}

/** Problems of rules have their own words for each mistake, and the gate and the groups pass on what callers wrote. */
const passedOn = new Set([
  'src/runtime/custom-resource-rules.ts message',
  'src/telemetry/log.ts message',
  'src/telemetry/warning-groups.ts message',
])

/** All messages. Throws on a call whose message is neither a literal nor known by its origin. */
export function logMessages(): Set<string> {
  const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'))
  return new Set(files.sort().flatMap(messagesOf))
}

function messagesOf(file: string): string[] {
  const source = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '')
  return [...source.matchAll(/(?:\blog|\bgate|#gate)\.(?:warn|error)\(/g)].flatMap(({ 0: opening, index }) => {
    const given = splitArguments(source.slice(index + opening.length))
    const literal = given.findLast((argument) => /^['`].* /.test(argument))
    if (literal !== undefined) return [textOf(literal)]
    const known = given.map((argument) => `${file} ${argument}`)
    if (known.some((key) => passedOn.has(key))) return []
    const origin = known.map((key) => origins[key]).find((it) => it !== undefined)
    if (origin === undefined) throw new Error(`${file}: no message in (${given.join(', ')})`)
    return textsAt(origin)
  })
}

function textsAt({ file, before }: Origin): string[] {
  const source = readFileSync(file, 'utf8')
  const texts = [...source.matchAll(before)].map(
    ({ 0: { length }, index }) => splitArguments(source.slice(index + length))[0],
  )
  if (texts.length === 0) throw new Error(`${file}: nothing matches ${before}`)
  return texts.map((text) => textOf(text ?? ''))
}

/** The arguments up to the parenthesis, comma, semicolon or line end outside any bracket that closes the call. */
function splitArguments(source: string): string[] {
  const parts = ['']
  let depth = 0
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? ''
    if (/['"`]/.test(character)) {
      const end = endOfLiteral(source, at)
      parts.push(`${parts.pop()}${source.slice(at, end)}`)
      at = end - 1
      continue
    }
    if (/[([{]/.test(character)) depth++
    if (/[)\]}]/.test(character) && depth-- === 0) break
    if (character === ',' && depth === 0) parts.push('')
    else parts.push(`${parts.pop()}${character}`)
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function endOfLiteral(source: string, start: number): number {
  const quote = source[start]
  let at = start + 1
  for (; source[at] !== quote; at++) if (source[at] === '\\') at++
  return at + 1
}

/** The content of the first literal of an expression. */
function textOf(expression: string): string {
  const start = expression.search(/['`]/)
  const text = expression.slice(start + 1, endOfLiteral(expression, start) - 1)
  return text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').replaceAll("\\'", "'")
}
