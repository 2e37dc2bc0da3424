/** Renders some conformance cases with the bundle in dist, because tests of the sources do not notice problems of bundling. */
import { spawnSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import type { Case } from '../test/conformance/cases.ts'
import { readCases, recordedFolder, relevantLines } from '../test/conformance/cases.ts'
import { root } from './programs.js'

/** Together they cover all packages bundled for `render`: configuration files, RE2, YAML, time zones, errors. */
const names = [
  'configfile/lists',
  'cronjobs/daylight-saving',
  'pods/running-web',
  'rejections/bad-opt-in-regex',
  'rejections/unknown-flag',
  'scoping/opt-in-with-denylist',
]

/** Counts passed and failed cases, and prints the failed ones. */
export function renderByBundle(): { passed: number; failed: number } {
  const failures = readCases(recordedFolder)
    .filter(({ name }) => names.includes(name))
    .filter((one) => !isAsRecorded(one))
  for (const { name } of failures) console.error(`bundle: ${name} differs from the recorded output`)
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
