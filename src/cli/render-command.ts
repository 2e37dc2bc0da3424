/** The command `render`: its options and its output. */

import { once } from 'node:events'
import { readCustomResources } from '../inspect/custom-resources.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { observeManifests, render } from '../inspect/render.ts'
import { describeUnread } from '../inspect/unread-kinds.ts'
import type { Command } from './command.ts'
import { configureWithoutWords, exitDone, exitRefused } from './command.ts'

export const renderCommand: Command = {
  name: 'render',
  summary: 'Print /metrics for the objects in files, without a cluster',
  usage: '[-f FILE|FOLDER]... [flags]',
  options: [
    {
      name: 'filename',
      short: 'f',
      placeholder: 'path',
      doc: 'YAML or JSON file, or a folder with such files; may be repeated; standard input if omitted or -',
    },
    { name: 'explain', doc: 'print for each rule for custom resources what it found, in place of the page' },
  ],
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
  configured: true,
  async run(args, context) {
    const { stdout, stderr } = context
    const loaded = configureWithoutWords(args, 'use -f for files', context, false)
    if (loaded === undefined) return exitRefused
    const paths = args.values.get('filename') ?? ['-']
    const onProblem = (message: string) => stderr.write(`kube-state-otlp: ${message}\n`)
    try {
      const manifests = await readManifests(paths, context.stdin)
      const { selection } = loaded.config
      const customResources = readCustomResources(loaded.config.customResources, onProblem)
      for (const line of describeUnread(manifests, selection, customResources)) onProblem(line)
      if (args.values.has('explain')) {
        observeManifests({ selection, customResources, manifests, onProblem })
        stdout.write(customResources.explain())
        return exitDone
      }
      for (const slice of render({ selection, customResources, manifests, onProblem })) {
        if (!stdout.write(slice)) await once(stdout, 'drain')
      }
      return exitDone
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error
      onProblem(error.message)
      return exitRefused
    }
  },
}
