/** The command `run`: runs the program until it receives a signal. */

import { once } from 'node:events'
import { loadConfig } from '../config/load.ts'
import { StartRefusal, startBuiltIn } from '../runtime/start-built-in.ts'
import type { Command, CommandContext } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitRefused } from './command.ts'
import { limitV8Memory } from './v8-memory.ts'

export const runCommand: Command = defineCommand({
  name: 'run',
  summary: 'Watch a cluster, push its state over OTLP and serve /metrics',
  usage: '[flags]',
  options: {},
  examples: [
    [
      'kube-state-otlp --otlp-endpoint=http://collector:4317',
      'push the state of the cluster of this pod or of ~/.kube/config',
    ],
    ['kube-state-otlp --kubeconfig=/etc/kube/config --resources=pods,nodes --port=8080', 'only serve /metrics'],
    ['kube-state-otlp --config=/etc/kube-state-otlp/config.yaml', 'use a configuration file'],
  ],
  mainKeys: [
    ...([
      'config',
      'kubeconfig',
      'context',
      'resources',
      'namespaces',
      'metric_denylist',
      'labels_allow_list',
    ] as const),
    ...(['otlp.endpoint', 'push.interval', 'port', 'telemetry.log_level'] as const),
  ],
  async run(args, context) {
    const loaded = configureWithoutWords(args, 'run accepts only flags', context)
    if (loaded === undefined) return exitRefused
    limitV8Memory()
    let reload = () => {}
    context.onHangup?.(() => reload())
    try {
      const load = (readFile: CommandContext['readFile']) =>
        loadConfig({ argv: args.flags, env: context.env, readFile })
      const product = await startBuiltIn(loaded, context.version, { load })
      reload = product.reload
      if (!context.signal.aborted) await once(context.signal, 'abort')
      await product.stop()
      return exitDone
    } catch (error) {
      if (!(error instanceof StartRefusal)) throw error
      for (const line of error.message.split('\n')) context.stderr.write(`kube-state-otlp: ${line}\n`)
      return exitRefused
    }
  },
})
