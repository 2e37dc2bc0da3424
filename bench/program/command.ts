/** A benchmark as a command of its own: its options, its usage, and one line for what fails. */

import { reasonOf } from '../../src/telemetry/failure-reason.ts'

/** `parse` returns undefined if help is asked for, and throws with a message for the user, as `run` does. */
export async function runCommand<Options>(
  parse: (words: readonly string[]) => Options | undefined,
  usage: string,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  try {
    const options = parse(process.argv.slice(2))
    if (options === undefined) console.log(usage)
    else await run(options)
  } catch (failure) {
    console.error(`bench: ${reasonOf(failure)}`)
    process.exitCode = 1
  }
}
