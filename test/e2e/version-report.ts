/** The table of Kubernetes versions: what was tested with each, and what it lacks. */
import type { AnyResource } from '../../src/families/family.ts'
import type { FeatureGate } from './kubernetes-versions.ts'

export interface VersionResult {
  readonly version: string
  readonly gates: ReadonlyMap<string, FeatureGate>
  /** Resources that the API server does not serve. */
  readonly missing: readonly AnyResource[]
  /** Objects that both decoders read. */
  readonly objects: number
  /** Series of every kind on the page and at the receiver. */
  readonly series: number
  /** After churn: on the page, in the Collector and in Prometheus. */
  readonly mainPath: { readonly series: number }
  /** From kill -9 of the leader until the other one led, with a Lease of 4 s. */
  readonly failoverMs: number
}

/** The gates that matter here, with their titles in the table. */
const columns = [
  ['WatchList', 'streaming lists'],
  ['ListFromCacheSnapshot', 'lists of the past from memory'],
  ['ShardedListAndWatch', 'shard selectors'],
] as const

/** The page. Rows of versions that are not among the results are kept from the former page. */
export function renderVersionReport(results: readonly VersionResult[], former: string): string {
  const [formerTested, formerOffered] = former.split('## What each version offers')
  const today = new Date().toISOString().slice(0, 10)
  const offered = table(
    ['version', 'resources that are not served', ...columns.map(([, title]) => title)],
    results.map(({ version, missing, gates }) => [
      version,
      missing.map(({ plural, apiVersion }) => `${plural} (${apiVersion})`).join(', ') || 'none',
      ...columns.map(([gate]) => describeGate(gates.get(gate))),
    ]),
    formerOffered,
  )
  const tested = table(
    ['version', 'objects read by both decoders', 'series of all kinds', 'series after churn', 'failover', 'tested on'],
    results.map(({ version, objects, series, mainPath, failoverMs }) => [
      version,
      `${objects}`,
      `${series}`,
      `${mainPath.series}`,
      `${(failoverMs / 1000).toFixed(1)} s`,
      today,
    ]),
    formerTested,
  )
  return `<!-- Written by npm run test:e2e -- test/e2e/versions; rows of versions that a run did not have are kept. -->

# Kubernetes versions

The control planes of these versions were built from their Go modules (\`scripts/control-planes.ts\`) and tested with etcd 3.6:

${tested}

Each row was tested with API server, controller manager and scheduler of that version. *Objects*: every object of the test cases, written to
etcd and read back as JSON and as protobuf, alone, in lists and in watches. *Series of all kinds*: equal on the page, at an OTLP receiver and
as \`render\` prints for lists of the API server; the page is the same with paged lists of JSON, and with streaming lists turned the other way
round by their feature gate. *Series after churn*: equal on the page, in a Collector and in Prometheus, no sample refused. *Failover*: from
\`kill -9\` of the leader until the other replica led, with a Lease of 4 s.

## What each version offers

${offered}

- **Resources that are not served** have no series; the log says so once, readiness does not wait for them, and they are read as soon as the
  API server serves them. In these versions they exist at most as an alpha or beta version, which neither kube-state-metrics nor
  kube-state-otlp reads.
- **Streaming lists** (\`WatchList\`): without them, initial lists are read in pages, which costs memory in the API server. Nothing needs to
  be configured.
- **1.33 with the feature gate \`WatchList\` turned on** refuses streaming lists in the form of tables (406), which Secrets are read in:
  lists of Secrets are read in pages there, all others are streamed.
- **Lists of the past from memory** (\`ListFromCacheSnapshot\`): without them, a list at an exact revision is read from etcd.
- **Shard selectors** (\`ShardedListAndWatch\`, KEP-5866): without them, every shard reads all objects.
`
}

function describeGate(gate: FeatureGate | undefined): string {
  if (gate === undefined) return 'no'
  return `${gate.isEnabled ? 'yes' : 'off by default'} (${gate.stage === 'GA' ? 'GA' : gate.stage.toLowerCase()})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[], former = ''): string {
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const versions = new Set(rows.map(([version]) => version))
  const kept = (former.match(/^\| v1\..*$/gm) ?? []).filter((line) => !versions.has(line.split(' ')[1]))
  const body = [...rows.map(lineOf), ...kept].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return [lineOf(head), lineOf(head.map(() => '---')), ...body].join('\n')
}
