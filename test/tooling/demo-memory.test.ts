/**
 * The memory of the demo as `npm run demo` starts it: from the bundle, with a cluster of 500 pods, from the start to the report.
 * 197 to 220 MB, on a busy machine too.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

test.runIf(process.platform === 'linux')('takes less than 250 MB', { timeout: 180_000 }, () => {
  const flags = ['--duration=20s', '--port=0', '--telemetry-port=0']
  const report = execFileSync(process.execPath, ['scripts/run.js', 'scripts/demo.js', ...flags], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [, megabytes] = report.match(/^memory +(\d+) MB at most/m) ?? []
  expect(report).toMatch(/expected from the objects: equal$/m)
  expect(Number(megabytes)).toBeGreaterThan(100)
  expect(Number(megabytes)).toBeLessThan(250)
})
