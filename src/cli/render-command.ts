/** The command `render`: its options and its output. */

import { once } from 'node:events'
import { boolean, text } from '../config/formats/format.ts'
import { loadCustomResources } from '../inspect/custom-resources.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { render } from '../inspect/render.ts'
import { describeUnread } from '../inspect/unread-kinds.ts'
import type { Command } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitRefused } from './command.ts'

export const renderCommand: Command = defineCommand({
  name: 'render',
  summary: 'Print /metrics for the objects in files, without a cluster',
  usage: '[-f FILE|FOLDER]... [flags]',
  options: {
    filename: {
      short: 'f',
      format: text('path'),
      repeated: true,
      doc: 'YAML or JSON file, or a folder with such files; standard input if omitted or -',
    },
    explain: {
      format: boolean,
      default: false,
      doc: 'print what each rule for custom resources found, instead of the page',
    },
  },
  examples: [
    ['kube-state-otlp render -f pod.yaml', 'print the series of the objects in a file'],
    ['kubectl get pods,nodes -o yaml | kube-state-otlp render', 'of a running cluster, once'],
    [
      'kube-state-otlp render -f k8s/ --resources=deployments --metric-labels-allowlist=deployments=[team]',
      'with a selection',
    ],
    [
      'kube-state-otlp render -f crds.yaml -f trees.yaml --explain --custom-resource-state-config-file=rules.yaml',
      'what each rule for custom resources finds',
    ],
  ],
  mainKeys: [
    ...(['config', 'resources', 'namespaces', 'metric_allowlist', 'metric_denylist', 'metric_opt_in_list'] as const),
    ...(['labels_allow_list', 'annotations_allow_list', 'custom_resource_state_config_file'] as const),
  ],
  async run(args, context) {
    const { stdout, stderr } = context
    const loaded = configureWithoutWords(args, 'use -f for files', context, false)
    if (loaded === undefined) return exitRefused
    const { filename, explain } = args.options
    const paths = filename.length === 0 ? ['-'] : filename
    const onProblem = (message: string) => stderr.write(`kube-state-otlp: ${message}\n`)
    try {
      const manifests = await readManifests(paths, context.stdin)
      const { selection, limits } = loaded.config
      const customResources = await loadCustomResources(loaded.config.customResources, onProblem, manifests)
      for (const line of describeUnread(manifests, selection, customResources)) onProblem(line)
      if (explain) {
        const page = [...render({ selection, limits, customResources, manifests, onProblem })]
        stdout.write(customResources.explain(Buffer.concat(page).toString()))
        return exitDone
      }
      for (const slice of render({ selection, limits, customResources, manifests, onProblem })) {
        if (!stdout.write(slice)) await once(stdout, 'drain')
      }
      return exitDone
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error
      onProblem(error.message)
      return exitRefused
    }
  },
})
