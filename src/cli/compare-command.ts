/** Owns the command `compare`: its options, the choice of what is compared, and the exit code by result. */

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

/** An option that says nothing that can be used. */
class OptionError extends Error {}

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Hold our page against that of kube-state-metrics and say what differs; exit code 1 if anything does',
  usage: '--against URL|FILE|- [-f FILE|FOLDER]... [flags]',
  options: [
    {
      name: 'against',
      placeholder: 'url|path',
      doc: 'the page to hold ours against: http(s) URL, file, or - for standard input; may be gzip',
    },
    {
      name: 'filename',
      short: 'f',
      placeholder: 'path',
      doc: 'compare the objects in a YAML or JSON file or folder, not those of the cluster; any number of times',
    },
    { name: 'ignore', placeholder: 'pattern', doc: 'leave out families this matches anywhere; any number of times' },
    { name: 'examples', placeholder: 'number', doc: 'series to show per family and kind of difference (default: 3)' },
    {
      name: 'retries',
      placeholder: 'number',
      doc: 'how often living pages that differ are read again, so that only what persists counts (default: 3)',
    },
    { name: 'pause', placeholder: 'seconds', doc: 'how long to wait before that (default: 5)' },
    {
      name: 'timeout',
      placeholder: 'seconds',
      doc: 'how long reading the cluster, or a page, may take (default: 300)',
    },
    { name: 'format', placeholder: 'text|json', doc: 'form of the answer (default: text)' },
  ],
  examples: [
    ['kube-state-otlp compare --against=http://kube-state-metrics:8080/metrics', 'a cluster, as both see it'],
    ['kube-state-otlp compare -f k8s/ --against=ksm.prom --resources=pods,nodes', 'objects against a saved page'],
  ],
  configured: true,
  async run(args, context) {
    const hint = 'the page is named by --against, files by -f'
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
  const tell = (line: string) => stderr.write(`kube-state-otlp: ${line}\n`)
  if (paths.length === 0) {
    const watch: ClusterPageOptions['watch'] = (watched, log) => watchBuiltIn(watched, version, log)
    return clusterPage({ config, watch, timeoutMs, onProgress: tell, signal })
  }
  const { selection } = config
  const manifests = await readManifests(paths, stdin)
  for (const line of describeUnread(manifests, selection)) tell(line)
  const page = manifestsPage({ selection, manifests, onProblem: tell })
  return { ...page, close: async () => undefined }
}

/** JSON knows no infinities and no NaN: they are written as their names. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function readOptions({ values }: CommandArguments, standardInput: CommandContext['stdin']): CompareArguments {
  const last = (name: string) => values.get(name)?.at(-1)
  const against = last('against')
  const paths = values.get('filename') ?? []
  if (!against)
    throw new OptionError('against: name the page to compare with, such as http://kube-state-metrics:8080/metrics')
  if (against === '-' && paths.includes('-'))
    throw new OptionError('against: objects and page cannot both be standard input')
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
