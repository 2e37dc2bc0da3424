/** Loads configurations for tests, independently of the process environment. */
import { readFileSync } from 'node:fs'
import type { ConfigInputs, LoadedConfig } from '../../src/config/load.ts'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'

type Given = Partial<Omit<ConfigInputs, 'readFile'>> & {
  readonly file?: string
  /** Other files that exist, by path. */
  readonly files?: Readonly<Record<string, string>>
}

/** Loads from flags, variables and the text of a file, which needs no `--config` flag of its own. */
export function load({ argv = [], env = {}, file, files = {}, ...others }: Given): ReturnType<typeof loadConfig> {
  return loadConfig({
    argv: file === undefined ? argv : [...argv, '--config=given.yml'],
    env,
    ...others,
    readFile: (path) =>
      path === 'given.yml' && file !== undefined ? file : (files[path] ?? readFileSync(path, 'utf8')),
  })
}

/** Loads what must be accepted. */
export function accepted(given: Given): LoadedConfig {
  const loaded = load(given)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded
}

/** The lines that an operator sees for what must be refused. */
export function refused(given: Given): readonly string[] {
  const loaded = load(given)
  if (loaded.ok) throw new Error('accepted what was to be refused')
  return loaded.problems.map(formatProblem)
}
