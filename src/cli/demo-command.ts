/** The command `demo`: its options. The demo itself is loaded only when it runs. */

import { duration } from '../config/formats/duration.ts'
import { boolean, integer, text } from '../config/formats/format.ts'
import type { Command, OptionValues } from './command.ts'
import { defineCommand } from './command.ts'

/** For longer runs the option is omitted. */
const dayMs = 86_400_000

const options = {
  pods: { format: integer(30, 200_000), default: 500, doc: 'number of pods in the simulated cluster' },
  churn: { format: integer(0, 10_000), default: 5, doc: 'changes per second; 0 for none' },
  seed: { format: integer(0, 2 ** 32 - 1), default: 1, doc: 'seed of the cluster, its changes and faults' },
  faults: {
    format: boolean,
    default: false,
    doc: 'inject faults: connections closed, errors, delays, expired watches, lost responses',
  },
  weather: { format: boolean, default: false, doc: 'alias of --faults' },
  duration: { format: duration(1000, dayMs), doc: 'end after this time, such as 30s; otherwise run until Ctrl-C' },
  open: { format: boolean, default: false, doc: 'open the status page in a browser' },
  'log-file': { format: text('path'), doc: 'append the log to this file; otherwise it is discarded' },
} as const

/** The settings of the demo by its options. */
export function demoSettings(given: OptionValues<typeof options>) {
  const { pods, churn, seed, faults, weather, duration: durationMs, open, 'log-file': logFile } = given
  return { pods, churn, seed, faults: faults || weather, durationMs, open, logFile }
}

export const demoCommand: Command = defineCommand({
  name: 'demo',
  summary: 'Try it without a cluster: a simulated cluster with changes, an OTLP receiver, and a live view of both',
  usage: '[--open] [--pods N] [--churn R] [--faults] [--duration D] [flags]',
  options,
  examples: [
    ['kube-state-otlp demo', '500 pods and 5 changes a second, until Ctrl-C'],
    ['kube-state-otlp demo --open', 'the same, with the status page in a browser'],
    ['kube-state-otlp demo --pods=5000 --churn=50 --faults --duration=2m', 'larger, busier and with fault injection'],
    ['kube-state-otlp demo --otlp-endpoint=http://localhost:4317', 'sent to your own Collector'],
  ],
  mainKeys: ['otlp.endpoint', 'resources', 'push.interval', 'push.flush_interval', 'port', 'telemetry_port'],
  async run({ options: given, words, flags }, context) {
    const { runDemo } = await import('../../demo/run-demo.ts')
    return runDemo(demoSettings(given), [...flags, ...words], context)
  },
})
