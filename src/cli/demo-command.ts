/** The command `demo`: its options. The demo itself is loaded only when it runs. */

import type { Command, CommandOption } from './command.ts'

const demoOptions: readonly CommandOption[] = [
  { name: 'pods', placeholder: 'number', doc: 'number of pods in the simulated cluster, at least 30 (default: 500)' },
  { name: 'churn', placeholder: 'number', doc: 'changes per second, 0 for none (default: 5)' },
  { name: 'seed', placeholder: 'number', doc: 'seed of the cluster, its changes and faults (default: 1)' },
  {
    name: 'faults',
    doc: 'inject faults: connections closed, errors, delays, expired watches, lost responses',
  },
  { name: 'weather', doc: 'alias of --faults' },
  { name: 'duration', placeholder: 'duration', doc: 'end after this time, such as 30s (default: run until Ctrl-C)' },
  { name: 'log-file', placeholder: 'path', doc: 'append the log to this file (default: discard it)' },
]

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Try it without a cluster: a simulated cluster with changes, an OTLP receiver, and a live view of both',
  usage: '[--pods N] [--churn R] [--faults] [--duration D] [flags]',
  options: demoOptions,
  examples: [
    ['kube-state-otlp demo', '500 pods and 5 changes a second, until Ctrl-C'],
    ['kube-state-otlp demo --pods=5000 --churn=50 --faults --duration=2m', 'larger, busier and with fault injection'],
    ['kube-state-otlp demo --otlp-endpoint=http://localhost:4317', 'the same, sent to your own Collector'],
  ],
  configured: true,
  async run(args, context) {
    const { runDemo } = await import('../../demo/run-demo.ts')
    return runDemo(args, context)
  },
}
