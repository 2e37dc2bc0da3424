/** Finds the programs on this machine: in PEERS_BIN, in the cache of earlier builds, or on PATH. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { GoSource } from './go-sources.ts'
import { sourceOf } from './go-sources.ts'

export interface FoundProgram {
  readonly name: string
  readonly path: string
  readonly place: 'PEERS_BIN' | 'cache' | 'PATH'
}

export interface Search {
  readonly found: readonly FoundProgram[]
  readonly missing: readonly string[]
}

/** Where builds are kept: a folder for each source and version. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kube-state-otlp')
}

/** The folder of the programs of one source. */
export const folderOf = ({ name, version }: Pick<GoSource, 'name' | 'version'>, env?: NodeJS.ProcessEnv) =>
  join(cacheFolder(env), `${name}-${version}`)

/** Programs in PEERS_BIN are used whatever their version is. */
export function findPrograms(names: readonly string[], env: NodeJS.ProcessEnv = process.env): Search {
  const results = names.map((name) => ({ name, program: findProgram(name, env) }))
  return {
    found: results.flatMap(({ program }) => program ?? []),
    missing: results.filter(({ program }) => program === undefined).map(({ name }) => name),
  }
}

function findProgram(name: string, env: NodeJS.ProcessEnv): FoundProgram | undefined {
  const given = env.PEERS_BIN === undefined ? [] : [join(env.PEERS_BIN, name)]
  const places: readonly [FoundProgram['place'], readonly string[]][] = [
    ['PEERS_BIN', given],
    ['cache', [join(folderOf(sourceOf(name), env), name)]],
    ['PATH', findOnPath(name, env)],
  ]
  for (const [place, paths] of places) {
    const path = paths.find((candidate) => existsSync(candidate))
    if (path !== undefined) return { name, path, place }
  }
  return undefined
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const { minimum } = sourceOf(name)
  return folders
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path) && isAtLeast(askVersion(path), minimum))
}

/** What the program prints about its version. */
function askVersion(path: string): string {
  const answers = ['--version', 'version'].map((word) => spawnSync(path, [word], { encoding: 'utf8', timeout: 20_000 }))
  const answer = answers.find(({ status }) => status === 0)
  return answer === undefined ? '' : `${answer.stdout}${answer.stderr}`
}

/** Whether the first version in a text is not older than `major.minor`; a text without version is. */
export function isAtLeast(text: string, minimum: string): boolean {
  const [, major = '', minor = ''] = /(\d+)\.(\d+)/.exec(text) ?? []
  if (major === '') return false
  const [neededMajor = 0, neededMinor = 0] = minimum.split('.').map(Number)
  return Number(major) > neededMajor || (Number(major) === neededMajor && Number(minor) >= neededMinor)
}
