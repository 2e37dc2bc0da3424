/** What `render` prints for the objects that an API server lists. */
import { expect } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { render } from '../../src/inspect/render.ts'
import { relevantLines } from '../conformance/cases.ts'
import type { ApiServer } from './api-server.ts'
import { folderOf } from './corpus.ts'
import { bodyOf } from './decoder-comparison.ts'

/** The page of everything that the server holds of these resources, with these flags. */
export async function renderLists(
  server: Pick<ApiServer, 'get'>,
  resources: readonly AnyResource[],
  flags: readonly string[],
): Promise<string> {
  const lists = []
  for (const resource of resources)
    lists.push(String(await bodyOf(await server.get(folderOf(resource), 'application/json'))))
  const manifests = lists.flatMap((list, i) => parseManifests(list, resources[i]?.plural ?? ''))
  const loaded = loadConfig({ argv: flags, env: {}, readFile: () => '' })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const onProblem = (message: string) => expect.fail(message)
  return Buffer.concat([...render({ selection: loaded.config.selection, manifests, onProblem })]).toString()
}

/** Without the values that the server changes between two requests. */
const changing = /^kube_(lease_renew_time|.*_metadata_resource_version)/

/** The lines of a page that two requests for the same objects have in common, in order. */
export const steadyLines = (page: string): string[] =>
  relevantLines(page)
    .filter((line) => !changing.test(line))
    .sort()
