/**
 * Runs the benchmarks one after the other, each in its own process: `npm run bench` for all, `npm run bench -- encode slices`
 * for some. Each prints ratios to a baseline in the same run; none passes or fails. `npm run bench -- cluster` is different: it
 * runs the program on a real API server and takes options, so it is not part of a run of all.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../bench')
/** A benchmark is a file in the folder that prints its results when it runs. */
const scenarios = ['decode', 'observe', 'encode', 'transports', 'retained', 'slices', 'custom-resources']

const onCluster = 'cluster'

function runScenario(name: string, options: readonly string[] = []): void {
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.ts`), ...options], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

const [first, ...others] = process.argv.slice(2)
if (first === onCluster) {
  runScenario(onCluster, others)
} else {
  const asked = first === undefined ? scenarios : [first, ...others]
  const unknown = asked.filter((name) => !scenarios.includes(name))
  if (unknown.length > 0) {
    console.error(
      `bench: there is no scenario ${unknown.join(', ')}; there are ${[...scenarios, onCluster].join(', ')}`,
    )
    process.exit(2)
  }
  for (const name of asked) {
    console.log(`\n== ${name}`)
    runScenario(name)
  }
}
