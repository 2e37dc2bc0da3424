/** The destinations of the push: that of the sections otlp and push, then those of the list, each with its own values. */
import type { KnownResources } from './checks.ts'
import { repeatedLabelNames } from './checks.ts'
import type { DestinationConfig } from './destination-config.ts'
import { resolveEndpoint } from './formats/address.ts'
import type { WrittenDestination } from './formats/destination-list.ts'
import { contradictionsOf } from './otlp-checks.ts'
import type { Problem, Source } from './problem.ts'
import { show } from './problem.ts'
import type { AnySetting, Key, Values } from './schema.ts'
import { destinationKeys, inheritedKeys, sectionDestination } from './sections/destinations.ts'
import { wholeUrlVariable } from './sections/otlp.ts'
import type { Setting } from './setting.ts'
import { didYouMean } from './suggestion.ts'

type DestinationKey = keyof typeof destinationKeys

/** The effective values of one destination. */
type DestinationValues = {
  readonly [K in DestinationKey]: (typeof destinationKeys)[K] extends Setting<infer T, infer Unset, infer _Written>
    ? T | Unset
    : never
}

export interface OpenedDestinations {
  /** The first is that of the section, if it has an endpoint. */
  readonly destinations: readonly DestinationConfig[]
  readonly problems: readonly Problem[]
}

interface Found {
  readonly key: string
  readonly value?: string | undefined
  readonly message: string
}

const declarations = new Map<string, AnySetting>(Object.entries(destinationKeys) as [string, AnySetting][])

/** Reads and checks the list, and joins it with the section, whose own values have been checked. */
export function openDestinations(
  values: Values,
  sources: ReadonlyMap<Key, Source>,
  resources: KnownResources,
): OpenedDestinations {
  const ofSection = valuesOfSection(values)
  const hasSection = ofSection.endpoint !== undefined
  const defaults = defaultsFrom(ofSection)
  const read = values.destinations.map((written, i) => readDestination(written, `destinations[${i}]`, defaults))
  const listed = read.map(({ values: effective }) => effective)
  const names = [...(hasSection ? [sectionDestination] : []), ...listed.map(({ name }) => name)]
  const found = [
    ...read.flatMap(({ found: problems }) => problems),
    ...listed.flatMap((effective, i) => checkDestination(effective, `destinations[${i}]`, resources)),
    ...repeatedNames(names, hasSection ? 1 : 0),
  ]
  const source = sources.get('destinations') ?? { from: 'default' }
  const problems: Problem[] = found.map(({ key, value, message }) => ({ key, value, message, source }))
  problems.push(...unknownTelemetryDestination(values, sources, names))
  if (problems.length > 0) return { destinations: [], problems }
  const endpointSource = sources.get('otlp.endpoint')
  const isWholeUrl = endpointSource?.from === 'environment' && endpointSource.variable === wholeUrlVariable
  return {
    destinations: [
      ...destinationOf(ofSection, isWholeUrl),
      ...listed.flatMap((effective) => destinationOf(effective, false)),
    ],
    problems,
  }
}

function valuesOfSection(values: Values): DestinationValues {
  const entries = [...declarations].map(([name, { default: fallback }]) => {
    const key = [`otlp.${name}`, `push.${name}`].find((candidate) => candidate in values)
    return [name, key === undefined ? fallback : values[key as Key]]
  })
  return { ...Object.fromEntries(entries), name: sectionDestination }
}

function defaultsFrom(ofSection: DestinationValues): DestinationValues {
  const own = Object.fromEntries([...declarations].map(([name, { default: fallback }]) => [name, fallback]))
  return { ...own, ...Object.fromEntries(inheritedKeys.map((name) => [name, ofSection[name]])) } as DestinationValues
}

interface ReadDestination {
  readonly values: DestinationValues
  readonly found: readonly Found[]
}

/** What cannot be read has its default. Keys without value are ignored. */
function readDestination(written: WrittenDestination, at: string, defaults: DestinationValues): ReadDestination {
  const values: Record<string, unknown> = { ...defaults }
  const found: Found[] = []
  for (const [name, value] of Object.entries(written)) {
    const declaration = declarations.get(name)
    if (declaration === undefined) {
      found.push({ key: `${at}.${name}`, message: `expected a known key${didYouMean(name, declarations.keys())}` })
    } else if (value !== null && value !== undefined) {
      const reading = declaration.format.read(value)
      if ('value' in reading) values[name] = reading.value
      else {
        const shown = declaration.secret ? '(hidden)' : show(value)
        found.push({ key: `${at}.${name}`, value: shown, message: `expected ${reading.expected}` })
      }
    }
  }
  const required = (['name', 'endpoint'] as const).filter((name) => (written[name] ?? '') === '')
  found.push(...required.map((name) => ({ key: `${at}.${name}`, message: requirements[name] })))
  return { values: values as DestinationValues, found }
}

const requirements = {
  name: 'expected a name, by which logs and self-metrics know the destination',
  endpoint: 'expected the URL of an OTLP receiver',
} as const

function checkDestination(values: DestinationValues, at: string, resources: KnownResources): Found[] {
  const found: Found[] = contradictionsOf(values, '').map(({ name, message }) => ({
    key: `${at}.${name}`,
    value: values[name] === undefined ? undefined : show(values[name]),
    message,
  }))
  for (const name of repeatedLabelNames([...values.constant_labels.keys()], resources)) {
    const message = 'expected label names that no series has: choose another name, such as cluster'
    found.push({ key: `${at}.constant_labels`, value: show(name), message })
  }
  if (values.metric_allowlist.length > 0 && values.metric_denylist.length > 0) {
    const message = 'expected either metric_allowlist or metric_denylist: they exclude each other'
    found.push({ key: `${at}.metric_denylist`, message })
  }
  if (values.flush_interval > values.interval) {
    const message = 'expected at most interval; 0s sends everything at each interval'
    found.push({ key: `${at}.flush_interval`, message })
  }
  return found
}

/** `before` is how many of the names are not in the list. */
function repeatedNames(names: readonly string[], before: number): Found[] {
  return names.flatMap((name, i) => {
    if (name === '' || names.indexOf(name) === i) return []
    const message = `expected distinct names${name === sectionDestination ? '; that of otlp.endpoint is named so' : ''}`
    return [{ key: `destinations[${i - before}].name`, value: show(name), message }]
  })
}

function unknownTelemetryDestination(
  values: Values,
  sources: ReadonlyMap<Key, Source>,
  names: readonly string[],
): Problem[] {
  const key = 'telemetry.destination'
  const name = values[key]
  if (name === undefined || names.includes(name)) return []
  const message = `expected the name of a destination${names.length === 0 ? '' : `: ${names.join(', ')}`}`
  return [{ key, value: show(name), message, source: sources.get(key) ?? { from: 'default' } }]
}

/** None without a valid endpoint, which is reported elsewhere. */
function destinationOf(values: DestinationValues, isWholeUrl: boolean): DestinationConfig[] {
  const { endpoint, insecure, protocol } = values
  const resolved = endpoint === undefined ? undefined : resolveEndpoint(endpoint, { insecure, protocol, isWholeUrl })
  if (resolved === undefined) return []
  const destination: DestinationConfig = {
    name: values.name,
    endpoint: resolved,
    protocol,
    headers: values.headers,
    bearerTokenFile: values.bearer_token_file,
    compression: values.compression,
    timeoutMs: values.timeout,
    maxRequestBytes: values.max_request_bytes,
    maxInFlight: values.max_in_flight,
    certificate: values.certificate,
    clientCertificate: values.client_certificate,
    clientKey: values.client_key,
    retryResourceExhausted: values.retry_resource_exhausted,
    loadBalancing: values.load_balancing,
    serviceNamespace: values.service_namespace,
    instanceId: values.instance_id,
    constantLabels: values.constant_labels,
    intervalMs: values.interval,
    flushIntervalMs: values.flush_interval,
    maxStaleMarkers: values.max_stale_markers,
    selection: {
      metricAllowlist: values.metric_allowlist,
      metricDenylist: values.metric_denylist,
      namespaces: values.namespaces,
      namespacesDenylist: values.namespaces_denylist,
    },
  }
  return [Object.freeze(destination)]
}
