/** The command `demo`: its options. The demo itself is loaded only when it runs. */

import type { Command, CommandOption } from './command.ts'

const demoOptions: readonly CommandOption[] = [
  { name: 'pods', placeholder: 'number', doc: 'pods of the simulated cluster, from 30 (default: 500)' },
  { name: 'churn', placeholder: 'number', doc: 'changes per second; 0 is a cluster that stands still (default: 5)' },
  { name: 'seed', placeholder: 'number', doc: 'the same seed makes the same cluster, life and weather (default: 1)' },
  {
    name: 'weather',
    doc: 'troubles: the API server cuts, refuses and expires; the receiver refuses, delays and loses',
  },
  { name: 'duration', placeholder: 'duration', doc: 'end after so long, such as 30s (default: until Ctrl-C)' },
  { name: 'log-file', placeholder: 'path', doc: "append the program's log to this file (default: it is not kept)" },
]

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Show it at work: a simulated cluster that lives, pushed to an OTLP receiver, with a summary of both',
  usage: '[--pods N] [--churn R] [--weather] [--duration D] [flags]',
  options: demoOptions,
  examples: [
    ['kube-state-otlp demo', '500 pods and 5 changes a second, until Ctrl-C'],
    ['kube-state-otlp demo --pods=5000 --churn=50 --weather --duration=2m', 'more of everything, and troubles'],
    ['kube-state-otlp demo --otlp-endpoint=http://localhost:4317', 'the same, sent to a Collector of your own'],
  ],
  configured: true,
  async run(args, context) {
    const { runDemo } = await import('../../demo/run-demo.ts')
    return runDemo(args, context)
  },
}
