/** The labels of every metric that kube-state-otlp has: the catalogue of object state, and the pages of self-metrics. */

import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { catalogueOf } from '../../src/inspect/catalogue.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import { endWorld, startProgram, startWorld, until } from '../runtime/world.ts'
import { reportEverything } from '../telemetry/every-report.ts'

type Labels = Map<string, Set<string>>

/** Metrics of object state. */
export function stateMetrics(): Labels {
  const known: Labels = new Map()
  for (const { name, labels, otherLabels } of catalogueOf())
    known.set(name, new Set([...(known.get(name) ?? []), ...labels, ...otherLabels.flat()]))
  return known
}

/** Self-metrics, as the running program and every report of other rooms show them. */
export async function selfMetrics(): Promise<Labels> {
  const known: Labels = new Map([['up', new Set()]])
  for (const page of [await pageOfProgram(), await pageOfReports()]) addPage(known, page)
  return known
}

function addPage(known: Labels, page: string): void {
  for (const [, name = '', labels = ''] of page.matchAll(/^([a-z_]+)(?:\{(.*)\})? \S+$/gm)) {
    const names = [...labels.matchAll(/([a-z_]+)="(?:[^"\\]|\\.)*"/g)].map(([, label = '']) => label)
    known.set(name, new Set([...(known.get(name) ?? []), ...names]))
  }
}

const rules = `
spec:
  resources:
    - groupVersionKind: {group: wood.example, version: v1, kind: Tree}
      metrics: [{name: height, help: H, each: {type: Gauge, gauge: {path: [spec, height]}}}]
`
const definitionKind = {
  plural: 'customresourcedefinitions',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}
const treeKind = { plural: 'trees', apiVersion: 'wood.example/v1', kind: 'Tree', namespaced: false }
const treeDefinition = {
  metadata: { name: 'trees.wood.example' },
  spec: {
    group: 'wood.example',
    scope: 'Cluster',
    names: { kind: 'Tree', plural: 'trees' },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
}

/**
 * The program with leader election, limits and rules for custom resources, which have metrics of their own, after its first push and the
 * first error of a rule.
 */
async function pageOfProgram(): Promise<string> {
  try {
    const world = await startWorld([...builtInKinds, definitionKind, treeKind])
    world.api.objects.create('namespaces', { metadata: { name: 'a' } })
    world.api.objects.create('trees', { metadata: { name: 'oak' }, spec: { height: 'tall' } })
    world.api.objects.create('customresourcedefinitions', treeDefinition)
    const settings = {
      resources: { namespaces: {} },
      limits: { series: 1000, series_per_resource: { '*': 1000 }, series_per_family: { kube_namespace_created: 1000 } },
      custom_resource_config: rules,
      leader_election: { enabled: true, identity: 'one', namespace: 'default' },
    }
    const { addresses } = await startProgram(world, settings)
    const read = async () => (await fetch(`http://127.0.0.1:${addresses?.telemetryAddress.port}/metrics`)).text()
    const late = ['push_last_success', 'event_loop_delay', 'rule_last_error']
    await until(async () => {
      const page = await read()
      return late.every((part) => page.includes(`_${part}`))
    })
    return await read()
  } finally {
    await endWorld()
  }
}

async function pageOfReports(): Promise<string> {
  const log = createLog({ level: 'silent', format: 'json' })
  const telemetry = await createTelemetry({ log, serviceInstanceId: 'x', version: '0.0.0' })
  reportEverything(telemetry.metrics)
  const page = await telemetry.page()
  await telemetry.shutdown(0)
  return page
}
