/** The baseline: the same families as observable instruments of the OpenTelemetry SDK, serialized as one OTLP message. */

import type { Attributes, ObservableResult } from '@opentelemetry/api'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import type { AnyFamily } from '../src/families/family.ts'
import type { KubernetesObject } from '../src/schemas/object-meta.ts'
import type { ResourcePlan } from '../src/selection/plan.ts'

class ManualReader extends MetricReader {
  constructor() {
    super({ cardinalitySelector: () => 10_000_000 })
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

interface Observed {
  readonly object: KubernetesObject
  readonly identity: Attributes
}

/** Registers one instrument per family; `collect` and `serialize` together are an export. */
export function createSdkPath({ resource, families }: ResourcePlan, objects: readonly KubernetesObject[]) {
  const reader = new ManualReader()
  const provider = new MeterProvider({ readers: [reader] })
  const meter = provider.getMeter('bench')
  const identities = Object.entries(resource.identity)
  const observed: Observed[] = objects.map((object) => ({
    object,
    identity: Object.fromEntries(identities.map(([name, read]) => [name, read(object)])),
  }))
  for (const family of families) {
    const options = { description: family.help }
    const instrument =
      family.type === 'counter'
        ? meter.createObservableCounter(family.name, options)
        : meter.createObservableGauge(family.name, options)
    instrument.addCallback((result) => {
      for (const { object, identity } of observed) observe(family, object, identity, result)
    })
  }
  return {
    collect: async () => (await reader.collect()).resourceMetrics,
    serialize: (metrics: Awaited<ReturnType<ManualReader['collect']>>['resourceMetrics']): Uint8Array =>
      ProtobufMetricsSerializer.serializeRequest(metrics) ?? new Uint8Array(0),
  }
}

function observe(family: AnyFamily, object: KubernetesObject, identity: Attributes, result: ObservableResult): void {
  const add = (value: number, names: readonly string[], values: readonly string[]) => {
    const attributes: Attributes = { ...identity }
    for (let i = 0; i < names.length; i++) attributes[names[i] as string] = values[i] as string
    result.observe(value, attributes)
  }
  if (family.kind === 'fixed') {
    family.callback(object, (value, ...values) => add(value, family.labels, values))
  } else if (family.kind === 'free') {
    family.callback(object, add)
  } else if (family.kind === 'stateSet') {
    const current = family.current(object)
    if (current === undefined) return
    for (const state of family.states) add(state === current ? 1 : 0, [family.label], [state])
  }
}
