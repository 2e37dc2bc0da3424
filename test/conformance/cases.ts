/**
 * Reads cases: the output of KSM for objects and flags (`cases/`), and of this program for metrics that KSM does not
 * have (`test/golden/`).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resources } from '../../src/families/built-in-resources.ts'

export interface Case {
  /** `pods/quantities`: the folder (a resource or a theme) and the file without its extension. */
  readonly name: string
  /** The resource or theme. */
  readonly group: string
  /** The path of its files without extension. */
  readonly path: string
  readonly args: readonly string[]
  /** TYPE lines and samples of the `.prom` file; undefined when there is none. */
  readonly expected: readonly string[] | undefined
  /** The flags must be refused. */
  readonly rejects: boolean
}

/** Recorded of KSM: never written by us. */
export const recordedFolder = join(import.meta.dirname, 'cases')
/** Written by `npm run golden`. */
export const goldenFolder = join(import.meta.dirname, '../golden')

/** All cases of a folder, by name. */
export function readCases(folder: string): Case[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const names = files.filter((file) => /^[^/]+\/[^/]+\.yaml$/.test(file) && !file.endsWith('.crs.yaml'))
  return names.sort().map((file) => readCase(folder, file.slice(0, -'.yaml'.length)))
}

function readCase(folder: string, name: string): Case {
  const path = join(folder, name)
  const group = dirname(name)
  const prom = `${path}.prom`
  return {
    name,
    group,
    path,
    args: existsSync(`${path}.args`) ? readArguments(path) : defaultArguments(group, name.slice(group.length + 1)),
    expected: existsSync(prom) ? relevantLines(readFileSync(prom, 'utf8')) : undefined,
    rejects: existsSync(`${path}.rejects`),
  }
}

function readArguments(path: string): string[] {
  const lines = readFileSync(`${path}.args`, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => line.replaceAll('{dir}', dirname(path)))
}

/** Without flags of its own a case shows its resource; one that is named after a family shows that family alone. */
function defaultArguments(group: string, file: string): string[] {
  const isFamily = resources.some(({ families }) => families.some(({ name }) => name === file))
  const family = isFamily ? [`--metric-allowlist=^${file}$`, `--metric-opt-in-list=^${file}$`] : []
  return [`--resources=${group}`, ...family]
}

/** TYPE lines and samples. Only a newline ends a line: label values may hold carriage returns. */
export function relevantLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('# TYPE ')))
}

/** The family that a TYPE line or a sample belongs to. */
export function familyOf(line: string): string {
  return line.startsWith('# TYPE ') ? (line.split(' ')[2] as string) : (/^[^{ ]*/.exec(line) as RegExpExecArray)[0]
}
