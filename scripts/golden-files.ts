/** Writes the `.prom` files of our own cases and prints how they differ. Never writes the recorded output of KSM. */
import { writeFileSync } from 'node:fs'
import type { Case } from '../test/conformance/cases.ts'
import { familyOf, relevantLines } from '../test/conformance/cases.ts'
import { observeCase, writePage } from '../test/conformance/rendered-case.ts'

export interface GoldenUpdate {
  /** Our own cases. */
  readonly goldens: readonly Case[]
  /** Names of the cases recorded from KSM. */
  readonly recorded: ReadonlySet<string>
  /** Cases to write although they have a `.prom` file already. */
  readonly named: ReadonlySet<string>
  readonly print: (line: string) => void
}

/** Writes files that are missing or named. Returns the exit code: 0 if all cases are up to date, 1 if one differs, 2 for an invalid name. */
export function updateGoldens({ goldens, recorded, named, print }: GoldenUpdate): 0 | 1 | 2 {
  const known = new Set(goldens.map(({ name }) => name))
  const refused = [...named].filter((name) => !known.has(name))
  for (const name of refused) print(`${name}: ${refusal(name, recorded)}`)
  if (refused.length > 0) return 2
  const outdated = goldens.filter((one) => !one.rejects && !update(one, named.has(one.name), print))
  return outdated.length === 0 ? 0 : 1
}

function refusal(name: string, recorded: ReadonlySet<string>): string {
  return recorded.has(name)
    ? 'test/conformance/cases has the output of kube-state-metrics and is never written: fix the family instead'
    : 'there is no such case in test/golden; name it as resource/case, without extension'
}

/** Updates one case if allowed; false if it is not allowed and differs. */
function update(one: Case, isNamed: boolean, print: (line: string) => void): boolean {
  const printed = orderLines(relevantLines(writePage(observeCase(one), 'text')))
  const changes = difference(one.expected ?? [], printed)
  if (one.expected !== undefined && changes.length === 0) return true
  const isWritten = one.expected === undefined || isNamed
  if (isWritten) writeFileSync(`${one.path}.prom`, `${printed.join('\n')}\n`)
  const hint = `differs; if it should: npm run golden -- --update ${one.name}`
  print(`${one.name}: ${isWritten ? 'written' : hint}`)
  for (const change of changes) print(change)
  return isWritten
}

/** Families by name, each with its TYPE line first and its samples sorted: the order of the recorded files. */
function orderLines(lines: readonly string[]): string[] {
  const key = (line: string) => `${familyOf(line)}\0${line.startsWith('#') ? 0 : 1}${line}`
  return lines.toSorted((left, right) => (key(left) < key(right) ? -1 : 1))
}

/** The removed and added lines. */
function difference(before: readonly string[], after: readonly string[]): string[] {
  return [...without(before, after).map((line) => `- ${line}`), ...without(after, before).map((line) => `+ ${line}`)]
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return lines.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
