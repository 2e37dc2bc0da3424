/** Static checks: types, lint and format, unused code, generated files. */
import { fileURLToPath } from 'node:url'
import { ensureInstall } from './ensure-install.js'
import { run } from './programs.js'

/** The name of each check, and its program, which ends with 0 on success. */
const checks = [
  { name: 'types', program: ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.json'] },
  { name: 'lint and format', program: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'] },
  { name: 'unused code', program: ['node_modules/knip/bin/knip.js'] },
  { name: 'generated files', program: ['scripts/docs.ts', '--check'] },
]

/** Runs all checks, also after one that failed. Returns how many passed and failed. */
export function check() {
  const failures = checks.filter(({ name, program }) => {
    const passed = run(program)
    console.log(`check ${name}: ${passed ? 'passed' : 'FAILED'}`)
    return !passed
  })
  return { passed: checks.length - failures.length, failed: failures.length }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Types of a dependency that is not installed yet would be missing.
  ensureInstall()
  process.exitCode = check().failed === 0 ? 0 : 1
}
