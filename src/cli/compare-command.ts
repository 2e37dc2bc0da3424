/** The command `compare`: its options, the pages to compare, and the exit code. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { comparePages } from '../inspect/compare/compare-pages.ts'
import type { ClusterPage, ClusterPageOptions } from '../inspect/compare/our-page.ts'
import { clusterPage, manifestsPage } from '../inspect/compare/our-page.ts'
import { PageError } from '../inspect/compare/page-reader.ts'
import type { PageSource } from '../inspect/compare/page-source.ts'
import { pageSourceOf } from '../inspect/compare/page-source.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { describeUnread } from '../inspect/unread-kinds.ts'
import { watchBuiltIn } from '../runtime/start-built-in.ts'
import type { Command, CommandArguments, CommandContext } from './command.ts'
import { configureWithoutWords, exitDone, exitFailed, exitRefused } from './command.ts'
import { comparisonText } from './compare-report.ts'

/** An option has an invalid value. */
class OptionError extends Error {}

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Compare /metrics with that of kube-state-metrics; exit code 1 if they differ',
  usage: '--against URL|FILE|- [-f FILE|FOLDER]... [flags]',
  options: [
    {
      name: 'against',
      placeholder: 'url|path',
      doc: 'the page to compare with: http(s) URL, file, or - for standard input; may be gzip',
    },
    {
      name: 'filename',
      short: 'f',
      placeholder: 'path',
      doc: 'use the objects in a YAML or JSON file or folder instead of the cluster; may be repeated',
    },
    { name: 'ignore', placeholder: 'pattern', doc: 'ignore families that match this pattern; may be repeated' },
    { name: 'examples', placeholder: 'number', doc: 'series to show per family and kind of difference (default: 3)' },
    {
      name: 'retries',
      placeholder: 'number',
      doc: 'how often live pages that differ are read again, to count only persistent differences (default: 3)',
    },
    { name: 'pause', placeholder: 'seconds', doc: 'pause before reading again (default: 5)' },
    {
      name: 'timeout',
      placeholder: 'seconds',
      doc: 'time limit for reading the cluster or a page (default: 300)',
    },
    { name: 'format', placeholder: 'text|json', doc: 'output format (default: text)' },
  ],
  examples: [
    ['kube-state-otlp compare --against=http://kube-state-metrics:8080/metrics', 'compare the same cluster'],
    [
      'kube-state-otlp compare -f k8s/ --against=ksm.prom --resources=pods,nodes',
      'compare objects in files with a saved page',
    ],
  ],
  configured: true,
  async run(args, context) {
    const hint = 'use --against for the page and -f for files'
    const loaded = configureWithoutWords(args, hint, context, !args.values.has('filename'))
    if (loaded === undefined) return exitRefused
    try {
      return await compare(readOptions(args, context.stdin), loaded.config, context)
    } catch (error) {
      const isExpected = [OptionError, ManifestError, PageError].some((kind) => error instanceof kind)
      if (!isExpected) throw error
      context.stderr.write(`kube-state-otlp: ${(error as Error).message}\n`)
      return exitRefused
    }
  },
}

interface CompareArguments {
  readonly theirs: PageSource
  readonly paths: readonly string[]
  readonly ignore: readonly RegExp[]
  readonly examples: number
  readonly retries: number
  readonly pauseMs: number
  readonly timeoutMs: number
  readonly format: string
}

async function compare(options: CompareArguments, config: Config, context: CommandContext): Promise<number> {
  const { theirs, ignore, pauseMs, format } = options
  const { signal, stdout } = context
  const ours = await openOurs(options, config, context)
  try {
    const comparison = await comparePages({
      ...options,
      ours,
      ignores: (family) => ignore.some((pattern) => pattern.test(family)),
      pause: () => sleep(pauseMs, undefined, { signal }).catch(() => undefined),
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
  { paths, timeoutMs }: CompareArguments,
  config: Config,
  { version, stdin, stderr, signal }: CommandContext,
): Promise<ClusterPage> {
  const print = (line: string) => stderr.write(`kube-state-otlp: ${line}\n`)
  if (paths.length === 0) {
    const watch: ClusterPageOptions['watch'] = (watched, log) => watchBuiltIn(watched, version, log)
    return clusterPage({ config, watch, timeoutMs, onProgress: print, signal })
  }
  const { selection } = config
  const manifests = await readManifests(paths, stdin)
  for (const line of describeUnread(manifests, selection)) print(line)
  const page = manifestsPage({ selection, manifests, onProblem: print })
  return { ...page, close: async () => undefined }
}

/** JSON has no infinities and no NaN, so they are written as strings. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function readOptions({ values }: CommandArguments, standardInput: CommandContext['stdin']): CompareArguments {
  const last = (name: string) => values.get(name)?.at(-1)
  const against = last('against')
  const paths = values.get('filename') ?? []
  if (!against)
    throw new OptionError(
      'against: missing; expected the page to compare with, such as http://kube-state-metrics:8080/metrics',
    )
  if (against === '-' && paths.includes('-'))
    throw new OptionError('against: the objects and the page cannot both be read from standard input')
  const format = last('format') ?? 'text'
  if (format !== 'text' && format !== 'json') throw new OptionError(`format: expected text or json, got "${format}"`)
  const timeoutMs = 1000 * readNumber('timeout', last('timeout') ?? '300')
  return {
    theirs: pageSourceOf(against, { standardInput, timeoutMs }),
    paths,
    ignore: (values.get('ignore') ?? []).map(readPattern),
    examples: readNumber('examples', last('examples') ?? '3'),
    retries: readNumber('retries', last('retries') ?? '3'),
    timeoutMs,
    pauseMs: 1000 * readNumber('pause', last('pause') ?? '5'),
    format,
  }
}

function readNumber(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new OptionError(`${name}: expected a whole number of 0 or more, got "${given}"`)
  return Number(given)
}

function readPattern(given: string): RegExp {
  try {
    return new RegExp(given)
  } catch (error) {
    throw new OptionError(
      `ignore: expected an ECMAScript regular expression, got "${given}" (${(error as Error).message})`,
    )
  }
}
