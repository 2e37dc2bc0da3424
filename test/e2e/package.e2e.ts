/** The npm package as its users get it: packed, installed in an empty folder, and run from there. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-package-'))
const run = (file: string, args: string[]) => execFileSync(file, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

beforeAll(() => {
  execFileSync('npm', ['pack', '--pack-destination', folder], { stdio: 'pipe' })
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--engine-strict=false', `./${packed}`])
})

afterAll(() => rmSync(folder, { recursive: true }))

it('runs the demo, which ends with all series at the receiver', () => {
  const output = run(process.execPath, [
    'node_modules/kube-state-otlp/bin/kube-state-otlp.js',
    'demo',
    '--duration=10s',
  ])
  expect(output).toMatch(/^series .* expected from the objects: equal$/m)
})

it('can be imported as a library', () => {
  const script = `import { startStateMetrics } from 'kube-state-otlp'; console.log(typeof startStateMetrics)`
  expect(run(process.execPath, ['--input-type=module', '--eval', script])).toBe('function\n')
})
