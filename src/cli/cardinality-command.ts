/** The command `cardinality`: its options, what it reads, and its output. */

import type { Config } from '../config/config.ts'
import { choice, integer, text } from '../config/formats/format.ts'
import { compareCardinality } from '../inspect/cardinality/cardinality-difference.ts'
import { clusterCardinality, manifestsCardinality, savedCardinality } from '../inspect/cardinality/read-cardinality.ts'
import { PageError } from '../inspect/compare/page-reader.ts'
import { loadCustomResources } from '../inspect/custom-resources.ts'
import type { Manifest } from '../inspect/manifests.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { describeUnread } from '../inspect/unread-kinds.ts'
import { watchBuiltIn } from '../runtime/start-built-in.ts'
import type { Cardinality } from '../survey/cardinality.ts'
import { cardinalityText, differenceText } from './cardinality-report.ts'
import type { Command, CommandArguments, CommandContext, OptionValues } from './command.ts'
import { configure, defineCommand, exitDone, exitRefused } from './command.ts'

const options = {
  filename: {
    short: 'f',
    format: text('path'),
    repeated: true,
    doc: 'use the objects in a YAML or JSON file or folder instead of the cluster; - is standard input',
  },
  'against-config': {
    format: text('path'),
    doc: 'show what would change with this configuration file in place of the current one',
  },
  top: { format: integer(1), default: 10, doc: 'lines to show per table' },
  timeout: {
    format: { ...integer(0, 999_999), placeholder: 'seconds' },
    default: 300,
    doc: 'time limit for reading the cluster or a running instance',
  },
  format: { format: choice(['table', 'json']), default: 'table', doc: 'output format' },
} as const

type CardinalityOptions = OptionValues<typeof options>

export const cardinalityCommand: Command = defineCommand({
  name: 'cardinality',
  summary: 'Show which resources, families, labels and namespaces cost how many series and bytes',
  usage: '[URL|FILE|-] [-f FILE|FOLDER]... [flags]',
  options,
  examples: [
    ['kube-state-otlp cardinality', 'of the cluster of the kubeconfig, which is read once'],
    ['kube-state-otlp cardinality http://localhost:8081', 'of a running instance, by its telemetry port'],
    ['kube-state-otlp cardinality -f k8s/ --resources=pods --top=20', 'of the objects in files'],
    [
      'kube-state-otlp cardinality --config=now.yaml --against-config=new.yaml',
      'what another configuration would cost',
    ],
    ['kube-state-otlp cardinality http://localhost:8081 --format=json > before.json', 'save the figures for later'],
  ],
  mainKeys: [
    ...(['config', 'kubeconfig', 'context', 'resources', 'namespaces', 'metric_allowlist', 'metric_denylist'] as const),
    ...(['labels_allow_list', 'limits.series_per_resource', 'limits.series_per_family'] as const),
  ],
  async run(args, context) {
    const problems = contradictions(args)
    for (const problem of problems) context.stderr.write(`kube-state-otlp: ${problem}\n`)
    if (problems.length > 0) return exitRefused
    try {
      return await report(args, context)
    } catch (error) {
      if (!(error instanceof ManifestError || error instanceof PageError)) throw error
      context.stderr.write(`kube-state-otlp: ${error.message}\n`)
      return exitRefused
    }
  },
})

function contradictions({ words, options: given }: CommandArguments<typeof options>): string[] {
  const [place, ...others] = words
  return [
    ...others.map((word) => `${word}: expected at most one URL, file or -; use -f for objects in files`),
    ...(place !== undefined && given.filename.length > 0
      ? [`${place}: expected either the figures of an instance or -f with objects`]
      : []),
    ...(place !== undefined && given['against-config'] !== undefined
      ? [
          'against-config: expected with a cluster or with -f: a running instance has the figures of its own configuration alone',
        ]
      : []),
  ]
}

async function report(args: CommandArguments<typeof options>, context: CommandContext): Promise<number> {
  const { words, options: given } = args
  const [place] = words
  const print = (text: string, document: object) =>
    context.stdout.write(given.format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : text)
  if (place !== undefined) {
    const source = { standardInput: context.stdin, timeoutMs: 1000 * given.timeout }
    const saved = await savedCardinality(place, source, context.signal)
    print(cardinalityText(saved, given.top), saved)
    return exitDone
  }
  const configs = configsOf(args, context)
  if (configs === undefined) return exitRefused
  const manifests = given.filename.length === 0 ? undefined : await readManifests(given.filename, context.stdin)
  const [current, other] = [configs[0], configs[1]]
  const before = await read(current, manifests, given, context)
  if (other === undefined) print(cardinalityText(before, given.top), before)
  else {
    const after = await read(other, manifests, given, context)
    print(differenceText(compareCardinality(before, after), given.top), { current: before, other: after })
  }
  return exitDone
}

/** The configuration and, if asked for, the other one. Undefined after problems were printed. */
function configsOf(
  { flags, options: given }: CommandArguments<typeof options>,
  context: CommandContext,
): readonly [Config, Config?] | undefined {
  const readsCluster = given.filename.length === 0
  const other = given['against-config']
  const current = configure(flags, context, readsCluster)
  if (current === undefined || other === undefined) return current && [current.config]
  const changed = configure([...flags, `--config=${other}`], context, readsCluster)
  return changed && [current.config, changed.config]
}

async function read(
  config: Config,
  manifests: readonly Manifest[] | undefined,
  { timeout }: CardinalityOptions,
  { version, stderr, signal }: CommandContext,
): Promise<Cardinality> {
  const onProblem = (line: string) => stderr.write(`kube-state-otlp: ${line}\n`)
  if (manifests === undefined) {
    const watch = (watched: Config, log: Parameters<typeof watchBuiltIn>[2]) => watchBuiltIn(watched, version, log)
    const missing = 'cannot be counted'
    return clusterCardinality({ config, watch, timeoutMs: 1000 * timeout, onProgress: onProblem, missing, signal })
  }
  const { selection, limits } = config
  const customResources = await loadCustomResources(config.customResources, onProblem, manifests)
  for (const line of describeUnread(manifests, selection, customResources)) onProblem(line)
  // The limits that are reached are part of the result.
  return manifestsCardinality({ selection, limits, customResources, manifests, onProblem })
}
