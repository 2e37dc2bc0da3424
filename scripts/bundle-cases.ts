/** Renders some of the conformance cases by the bundle in dist: what bundling breaks, no test of the sources would notice. */
import { spawnSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import type { Case } from '../test/conformance/cases.ts'
import { readCases, recordedFolder, relevantLines } from '../test/conformance/cases.ts'
import { root } from './programs.js'

/** Between them all that is bundled for `render`: configuration files, RE2, YAML, time zones, refusals. */
const names = [
  'configfile/lists',
  'cronjobs/daylight-saving',
  'pods/running-web',
  'rejections/bad-opt-in-regex',
  'rejections/unknown-flag',
  'scoping/opt-in-with-denylist',
]

/** How many cases print what they should, and how many do not; the latter are named. */
export function renderByBundle(): { passed: number; failed: number } {
  const failures = readCases(recordedFolder)
    .filter(({ name }) => names.includes(name))
    .filter((one) => !isAsRecorded(one))
  for (const { name } of failures) console.error(`bundle: ${name} is not rendered as recorded`)
  console.log(`bundle: ${names.length - failures.length} of ${names.length} cases as recorded`)
  return { passed: names.length - failures.length, failed: failures.length }
}

function isAsRecorded({ args, path, rejects, expected = [] }: Case): boolean {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['dist/main.js', 'render', ...args, '-f', `${path}.yaml`],
    { cwd: root, encoding: 'utf8' },
  )
  if (rejects) return status === 2 && stdout === '' && /^(kube-state-otlp: .+\n)+$/.test(stderr)
  return status === 0 && isDeepStrictEqual(relevantLines(stdout).sort(), expected.toSorted())
}
