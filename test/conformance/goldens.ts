/** Reads the conformance cases for tests of single functions: objects, and the samples that KSM printed for them. */
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** One line of a `.prom` file. */
export interface GoldenSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

function caseFile(name: string, extension: string): string {
  return readFileSync(new URL(`cases/${name}.${extension}`, import.meta.url), 'utf8')
}

/** The objects of a case such as `pods/quantities`; numbers stay as they are written, as strings. */
export function readGoldenObjects<T>(name: string): T[] {
  const documents = parseAllDocuments(caseFile(name, 'yaml'), { schema: 'failsafe' })
  return documents.map((document) => document.toJS() as T)
}

/** The samples of a family in a case. */
export function readGoldenSamples(name: string, family: string): GoldenSample[] {
  const lines = caseFile(name, 'prom').split('\n')
  return lines.filter((line) => line.startsWith(`${family}{`)).map(parseSample)
}

function parseSample(line: string): GoldenSample {
  const open = line.indexOf('{')
  const close = line.lastIndexOf('}')
  const pairs = line.slice(open + 1, close).matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)
  const labels = Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, unescapeLabel(value)]))
  return { name: line.slice(0, open), labels, value: parseGoFloat(line.slice(close + 2)) }
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}

/** Reads Go's text of a float, infinities included. */
export function parseGoFloat(text: string): number {
  return Number(text.replace(/^([+-])Inf$/, '$1Infinity'))
}
