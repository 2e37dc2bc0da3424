/** The options of `npm run bench -- cluster`. */

import { parseArgs } from 'node:util'

export interface ClusterBenchOptions {
  readonly pods: number
  /** Of the idle phase, and of the phase with changes. */
  readonly seconds: number
  /** Changes of pods per second. */
  readonly rate: number
  /** Seconds between scrapes in the phase with changes, from the end of one to the start of the next; undefined for none. */
  readonly scrapeEvery: number | undefined
  /** Puts an OpenTelemetry Collector between the exporter and the receiver. */
  readonly collector: boolean
  /** Measures kube-state-metrics too. */
  readonly kubeStateMetrics: boolean
  /** Measures starts instead: ordinary ones, and those that continue where a killed process stopped. */
  readonly resume: boolean
  /** The memory limit of the container in MiB, of which the image gives half to the heap; undefined for none. */
  readonly limit: number | undefined
}

export const usage = `npm run bench -- cluster [options]

The program on a real API server with many pods: memory, CPU, time until all series are pushed, the delay of changes, and the
cost of a scrape. Linux only.

  --pods N               pods in the cluster, 30 or more (default: 2000)
  --seconds N            length of the idle phase and of the phase with changes (default: 60)
  --rate N               changes of pods per second (default: 100)
  --scrape-every N       scrape during the phase with changes, with N seconds between two scrapes (default: no scrapes)
  --limit MIB            the heap limit that the image sets in a container with this memory limit (default: none)
  --collector            an OpenTelemetry Collector between exporter and receiver
  --kube-state-metrics   measure kube-state-metrics too, from PEERS_BIN or PATH; with --collector it is scraped every 30 s
  --resume               instead of all that, the cost of a start after kill -9, which resumes, beside an ordinary start
  --help`

/** Writes per second that an API server on two cores takes, for the estimate only. */
const writesPerSecond = 300
/** Objects and statuses, for each pod with what belongs to it. */
const writesPerPod = 4

/** Throws with a message for the user; undefined if help is asked for. */
export function parseOptions(words: readonly string[]): ClusterBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      pods: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '100' },
      'scrape-every': { type: 'string' },
      limit: { type: 'string' },
      resume: { type: 'boolean', default: false },
      collector: { type: 'boolean', default: false },
      'kube-state-metrics': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    pods: atLeast('pods', values.pods, 30),
    seconds: atLeast('seconds', values.seconds, 1),
    rate: atLeast('rate', values.rate, 1),
    scrapeEvery: values['scrape-every'] === undefined ? undefined : atLeast('scrape-every', values['scrape-every'], 1),
    limit: values.limit === undefined ? undefined : atLeast('limit', values.limit, 64),
    collector: values.collector,
    kubeStateMetrics: values['kube-state-metrics'],
    resume: values.resume,
  }
}

function atLeast(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  throw new Error(`--${name}=${text}: a whole number of at least ${least} is needed`)
}

/** Four starts, with the time until the Lease says what is delivered. */
const startSeconds = 120

/** Minutes for the whole run, builds not included. */
export function estimateMinutes({ pods, seconds, kubeStateMetrics, resume }: ClusterBenchOptions): number {
  const loading = (pods * writesPerPod) / writesPerSecond
  const measuring = resume ? startSeconds : (kubeStateMetrics ? 2 : 1) * (2 * seconds + 60)
  return Math.ceil((30 + loading + measuring) / 60)
}
