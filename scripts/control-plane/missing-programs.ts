/** What a run needs and does not have, as text: read before anything is downloaded or built. */

import type { FoundProgram, Search } from './find-programs.ts'
import { isAtLeast } from './find-programs.ts'
import type { GoSource } from './go-sources.ts'
import { goVersion, sourceOf } from './go-sources.ts'

/** The sources of the programs, each once. */
export const sourcesOf = (programs: readonly string[]): readonly GoSource[] => [...new Set(programs.map(sourceOf))]

/** The time to build everything that is missing, on two cores. */
export const minutesToBuild = (missing: readonly string[]): number =>
  sourcesOf(missing).reduce((sum, { minutes }) => sum + minutes, 0)

/** One line for each place where programs were found, then what is missing and what building it takes. */
export function describeSearch({ found, missing }: Search, folder: string): string {
  const places = [...new Set(found.map(({ place }) => place))]
  const lines = places.map((place) => `programs from ${place}: ${namesFrom(found, place)}`)
  if (missing.length === 0) return lines.join('\n')
  const versions = sourcesOf(missing).map((source) => describeMissing(source, missing))
  const minutes = minutesToBuild(missing)
  return [
    ...lines,
    `programs that are missing: ${versions.join(', ')}`,
    `Building them from their Go modules takes about ${minutes} minute${minutes === 1 ? '' : 's'} on two cores, once.`,
    `It needs Go ${goVersion.needed}, a Go module proxy, and up to 8 GB for Go's caches. The programs are kept in ${folder}.`,
  ].join('\n')
}

const namesFrom = (found: readonly FoundProgram[], place: FoundProgram['place']) =>
  found.flatMap((program) => (program.place === place ? program.name : [])).join(', ')

function describeMissing({ packages, version }: GoSource, missing: readonly string[]): string {
  const names = Object.keys(packages).filter((name) => missing.includes(name))
  return `${names.join(', ')} (${version})`
}

/**
 * Why this Go cannot build them; undefined if it can.
 *
 * @param answer the output of `go version`; undefined without Go
 * @param toolchain the value of GOTOOLCHAIN
 */
export function explainGo(answer: string | undefined, toolchain = 'auto'): string | undefined {
  const { needed, bootstrap } = goVersion
  const remedy = `install Go ${needed} or newer (https://go.dev/dl), or set PEERS_BIN to a folder with the programs`
  if (answer === undefined) return `Go is not installed: ${remedy}`
  const installed = /go(\d+\.\d+\S*)/.exec(answer)?.[1] ?? 'of an unknown version'
  const least = toolchain === 'local' ? needed : bootstrap
  return isAtLeast(installed, least) ? undefined : `Go ${installed} is too old: ${remedy}`
}
