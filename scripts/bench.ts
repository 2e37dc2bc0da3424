/**
 * Runs the benchmarks one after the other, each in its own process: `npm run bench` for all, `npm run bench -- encode slices`
 * for some. Each prints ratios to a baseline in the same run; none passes or fails.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../bench')
/** A benchmark is a file in the folder that prints its results when it runs. */
const scenarios = ['decode', 'observe', 'encode', 'transports', 'retained', 'slices', 'custom-resources']

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !scenarios.includes(name))
if (unknown.length > 0) {
  console.error(`bench: there is no scenario ${unknown.join(', ')}; there are ${scenarios.join(', ')}`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : scenarios) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.ts`)], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
