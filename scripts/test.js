/** The whole test run: checks, build, bundle, tests. The last line is the total: `N passed, M failed`. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { renderByBundle } from './bundle-cases.ts'
import { check } from './check.js'
import { root, run } from './programs.js'

/** @typedef {{ passed: number, failed: number }} Count */

/** @returns {Count} */
function build() {
  return run(['scripts/build.js']) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** @returns {Count} */
function vitest() {
  const report = join(root, '.tmp/vitest.json')
  mkdirSync(join(root, '.tmp'), { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const succeeded = run(['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)])
  const { passed, failed } = countTests(report)
  // An error outside any test, or no report at all, fails the run without failing a test.
  return { passed, failed: failed === 0 && !succeeded ? 1 : failed }
}

/**
 * Counts the tests in a report of vitest; a file that failed before its tests could run counts as one.
 *
 * @param {string} report
 * @returns {Count}
 */
function countTests(report) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const isFailed = (/** @type {{ status: string }} */ it) => it.status === 'failed'
    const files = testResults.filter(
      (/** @type {any} */ file) => isFailed(file) && !file.assertionResults.some(isFailed),
    )
    return { passed: numPassedTests, failed: numFailedTests + files.length }
  } catch (error) {
    console.error(`No report of the tests: ${error}`)
    return { passed: 0, failed: 1 }
  }
}

const counts = [check, build, renderByBundle, vitest].map((step) => step())
const sum = (/** @type {keyof Count} */ key) => counts.reduce((total, count) => total + count[key], 0)
process.exitCode = sum('failed') === 0 ? 0 : 1
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
