/** One folder with all programs that a run needs: found, or built after a message that says how long it takes. */

import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FoundProgram } from './find-programs.ts'
import { cacheFolder, findPrograms, folderOf } from './find-programs.ts'
import { askGo, buildSource } from './go-build.ts'
import { describeSearch, explainGo, sourcesOf } from './missing-programs.ts'

/** Returns the folder. Throws without Go if a program is missing. */
export async function providePrograms(
  names: readonly string[],
  report: (line: string) => void = console.log,
): Promise<string> {
  const search = findPrograms(names)
  for (const line of describeSearch(search, cacheFolder()).split('\n')) report(line)
  if (search.missing.length > 0) await buildMissing(search.missing, report)
  return joinFolders(findPrograms(names).found)
}

async function buildMissing(missing: readonly string[], report: (line: string) => void): Promise<void> {
  const fault = explainGo(askGo(), process.env.GOTOOLCHAIN)
  if (fault !== undefined) throw new Error(`${missing.join(', ')} must be built, but ${fault}`)
  const sources = sourcesOf(missing)
  for (const [i, source] of sources.entries()) {
    const { minutes, version, packages } = source
    report(
      `building ${i + 1} of ${sources.length}: ${Object.keys(packages).join(', ')} ${version}, about ${minutes} min`,
    )
    const startedMs = performance.now()
    await buildSource(source, folderOf(source), report)
    report(`built after ${Math.round((performance.now() - startedMs) / 1000)} s`)
  }
}

/** The folder that has them all, or a new one with links to them. */
function joinFolders(found: readonly FoundProgram[]): string {
  const folders = new Set(found.map(({ path }) => dirname(path)))
  const [only] = folders
  if (folders.size === 1 && only !== undefined) return only
  const joined = mkdtempSync(join(tmpdir(), 'kube-state-otlp-programs-'))
  for (const { name, path } of found) symlinkSync(path, join(joined, name))
  return joined
}
