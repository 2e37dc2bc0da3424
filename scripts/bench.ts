/**
 * Runs the benchmarks of parts one after the other, each in its own process: `npm run bench` for all, `npm run bench -- encode
 * slices` for some. Each prints ratios to a baseline in the same run; none passes or fails. Those of the whole program take
 * options, and run one at a time: `npm run bench -- growth --help`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../bench')
/** A benchmark is a file in the folder that prints its results when it runs. */
const scenarios = ['decode', 'observe', 'encode', 'transports', 'retained', 'slices', 'custom-resources']

/** They run the program as users do. */
const ofWholeProgram = ['cluster', 'growth', 'soak', 'namespaces', 'many-custom-objects']

function runScenario(name: string, options: readonly string[] = []): void {
  const { status } = spawnSync(process.execPath, [join(folder, `${name}.ts`), ...options], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

const [first, ...others] = process.argv.slice(2)
if (first !== undefined && ofWholeProgram.includes(first)) {
  runScenario(first, others)
} else {
  const asked = first === undefined ? scenarios : [first, ...others]
  const unknown = asked.filter((name) => !scenarios.includes(name))
  if (unknown.length > 0) {
    console.error(
      `bench: there is no scenario ${unknown.join(', ')}; there are ${[...scenarios, ...ofWholeProgram].join(', ')}`,
    )
    process.exit(2)
  }
  for (const name of asked) {
    console.log(`\n== ${name}`)
    runScenario(name)
  }
}
