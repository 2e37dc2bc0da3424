/** Runs the demo from the command line: prints the view while it runs, then the report, and returns the exit code. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandContext } from '../src/cli/command.ts'
import { exitDone, exitFailed, exitRefused } from '../src/cli/command.ts'
import { StartRefusal } from '../src/runtime/start-built-in.ts'
import type { Demo } from './demo.ts'
import { startDemo } from './demo.ts'
import { configureDemo, usesOwnCollector } from './demo-configuration.ts'
import { finishDemo, isConsistent, layOutReport } from './final-report.ts'
import { limitHeapGrowth } from './heap-growth.ts'
import { openPage } from './open-page.ts'
import { createProblemLog } from './problem-log.ts'
import { introduce, layOut, summarize } from './screen-layout.ts'
import type { DemoSettings } from './settings.ts'
import type { Line } from './spans.ts'
import { asTerminal, createScreen, paint } from './terminal.ts'

/** Runs the demo until it is stopped, with the flags of the configuration, and returns the exit code. */
export async function runDemo(
  settings: DemoSettings,
  flags: readonly string[],
  context: CommandContext,
): Promise<number> {
  limitHeapGrowth()
  try {
    return await run(settings, flags, context)
  } catch (error) {
    if (!(error instanceof StartRefusal)) throw error
    return refuse(context, [error.message])
  }
}

function refuse({ stderr }: CommandContext, problems: readonly string[]): number {
  for (const problem of problems) stderr.write(`kube-state-otlp: ${problem}\n`)
  return exitRefused
}

async function run(settings: DemoSettings, flags: readonly string[], context: CommandContext): Promise<number> {
  const hasOwnCollector = usesOwnCollector(flags, context)
  if (hasOwnCollector === undefined) return exitRefused
  const log = await createProblemLog(settings.logFile).catch((error: Error) => error)
  if (log instanceof Error) return refuse(context, [`log-file: ${log.message}`])
  context.stdout.write(`Starting: a simulated cluster of ${settings.pods} pods …\n`)
  const demo = await startDemo({
    settings,
    version: context.version,
    hasReceiver: !hasOwnCollector,
    configure: (places) => configureDemo(flags, places, context),
    log,
  })
  if (demo === undefined) return exitRefused
  if (settings.open) await open(demo, context)
  return show(demo, context)
}

async function open({ statusUrl }: Demo, { stdout, env }: CommandContext): Promise<void> {
  const error = await openPage(statusUrl, env)
  const outcome = error ? `cannot be opened (${error.message}): open ${statusUrl} in a browser` : `opened: ${statusUrl}`
  stdout.write(`Status page ${outcome}\n`)
}

async function show(demo: Demo, { stdout, env, signal }: CommandContext): Promise<number> {
  const { durationMs } = demo.settings
  const timeout = durationMs === undefined ? [] : [AbortSignal.timeout(durationMs)]
  const ending = AbortSignal.any([signal, ...timeout])
  const terminal = asTerminal(stdout, env)
  const isColoured = terminal !== undefined && !env.NO_COLOR
  const write = (lines: readonly Line[]) => {
    for (const line of lines) stdout.write(`${paint(line, isColoured)}\n`)
  }
  if (terminal) {
    const screen = createScreen(terminal, isColoured)
    await every(1000, ending, async () => screen.draw(layOut(await demo.view(), terminal.columns - 1)))
    screen.end()
  } else {
    write(introduce(await demo.view(), 110))
    await every(5000, ending, async () => void stdout.write(`${summarize(await demo.view())}\n`))
  }
  const report = await finishDemo(demo)
  write([[], ...layOutReport(report)])
  return isConsistent(report) ? exitDone : exitFailed
}

/** Calls `act` periodically until the signal aborts. */
async function every(intervalMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act()
    await sleep(intervalMs, undefined, { signal }).catch(() => {})
  }
}
