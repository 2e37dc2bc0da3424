/** The command `compare`: its options, the pages to compare, and the exit code. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { choice, integer, text } from '../config/formats/format.ts'
import { ecmaPattern } from '../config/formats/list.ts'
import { comparePages } from '../inspect/compare/compare-pages.ts'
import type { ClusterPage } from '../inspect/compare/our-page.ts'
import { clusterPage, manifestsPage } from '../inspect/compare/our-page.ts'
import { PageError } from '../inspect/compare/page-reader.ts'
import type { PageSource } from '../inspect/compare/page-source.ts'
import { pageSourceOf } from '../inspect/compare/page-source.ts'
import { loadCustomResources } from '../inspect/custom-resources.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { describeUnread } from '../inspect/unread-kinds.ts'
import type { WatchOptions } from '../inspect/watched-cluster.ts'
import { watchBuiltIn } from '../runtime/start-built-in.ts'
import type { Command, CommandContext, OptionValues } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitFailed, exitRefused } from './command.ts'
import { comparisonText } from './compare-report.ts'

/** An option has an invalid value. */
class OptionError extends Error {}

const seconds = { ...integer(0, 999_999), placeholder: 'seconds' }

const options = {
  against: {
    format: text('url|path'),
    doc: 'the page to compare with: http(s) URL, file, or - for standard input; may be gzip',
  },
  filename: {
    short: 'f',
    format: text('path'),
    repeated: true,
    doc: 'use the objects in a YAML or JSON file or folder instead of the cluster; - is standard input',
  },
  ignore: { format: ecmaPattern, repeated: true, doc: 'ignore families that match this pattern' },
  examples: { format: integer(0), default: 3, doc: 'series to show per family and kind of difference' },
  retries: {
    format: integer(0),
    default: 3,
    doc: 'how often live pages that differ are read again, to count only persistent differences',
  },
  pause: { format: seconds, default: 5, doc: 'pause before reading again' },
  timeout: { format: seconds, default: 300, doc: 'time limit for reading the cluster or a page' },
  format: { format: choice(['text', 'json']), default: 'text', doc: 'output format' },
} as const

type CompareOptions = OptionValues<typeof options>

export const compareCommand: Command = defineCommand({
  name: 'compare',
  summary: 'Compare /metrics with that of kube-state-metrics; exit code 1 if they differ',
  usage: '--against URL|FILE|- [-f FILE|FOLDER]... [flags]',
  options,
  examples: [
    ['kube-state-otlp compare --against=http://kube-state-metrics:8080/metrics', 'compare the same cluster'],
    [
      'kube-state-otlp compare -f k8s/ --against=ksm.prom --resources=pods,nodes',
      'compare objects in files with a saved page',
    ],
  ],
  mainKeys: [
    ...(['kubeconfig', 'context', 'resources', 'namespaces', 'metric_allowlist', 'metric_denylist'] as const),
    ...(['labels_allow_list', 'annotations_allow_list', 'custom_resource_state_config_file', 'config'] as const),
  ],
  async run(args, context) {
    const hint = 'use --against for the page and -f for files'
    const loaded = configureWithoutWords(args, hint, context, args.options.filename.length === 0)
    if (loaded === undefined) return exitRefused
    try {
      return await compare(args.options, loaded.config, context)
    } catch (error) {
      const isExpected = [OptionError, ManifestError, PageError].some((kind) => error instanceof kind)
      if (!isExpected) throw error
      context.stderr.write(`kube-state-otlp: ${(error as Error).message}\n`)
      return exitRefused
    }
  },
})

async function compare(given: CompareOptions, config: Config, context: CommandContext): Promise<number> {
  const { ignore, pause, format, examples, retries } = given
  const theirs = openTheirs(given, context)
  const { signal, stdout } = context
  const ours = await openOurs(given, config, context)
  try {
    const comparison = await comparePages({
      ours,
      theirs,
      examples,
      retries,
      ignores: (family) => ignore.some((matches) => matches(family)),
      pause: () => sleep(1000 * pause, undefined, { signal }).catch(() => undefined),
      signal,
    })
    const json = () => `${JSON.stringify({ ...comparison, against: theirs.name }, jsonValue, 2)}\n`
    stdout.write(format === 'json' ? json() : comparisonText(comparison, theirs.name))
    return comparison.equal ? exitDone : exitFailed
  } finally {
    await ours.close()
  }
}

async function openOurs(
  { filename: paths, timeout }: CompareOptions,
  config: Config,
  { version, stdin, stderr, signal }: CommandContext,
): Promise<ClusterPage> {
  const print = (line: string) => stderr.write(`kube-state-otlp: ${line}\n`)
  if (paths.length === 0) {
    const watch: WatchOptions['watch'] = (watched, log) => watchBuiltIn(watched, version, log)
    const missing = 'cannot be compared'
    return clusterPage({ config, watch, timeoutMs: 1000 * timeout, onProgress: print, missing, signal })
  }
  const { selection, limits } = config
  const manifests = await readManifests(paths, stdin)
  const customResources = await loadCustomResources(config.customResources, print, manifests)
  for (const line of describeUnread(manifests, selection, customResources)) print(line)
  const page = manifestsPage({ selection, limits, customResources, manifests, onProblem: print })
  return { ...page, close: async () => undefined }
}

/** JSON has no infinities and no NaN, so they are written as strings. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function openTheirs({ against, filename, timeout }: CompareOptions, { stdin }: CommandContext): PageSource {
  if (against === undefined)
    throw new OptionError(
      'against: missing; expected the page to compare with, such as http://kube-state-metrics:8080/metrics',
    )
  if (against === '-' && filename.includes('-'))
    throw new OptionError('against: the objects and the page cannot both be read from standard input')
  return pageSourceOf(against, { standardInput: stdin, timeoutMs: 1000 * timeout })
}
