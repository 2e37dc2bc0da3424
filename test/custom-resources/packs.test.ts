/** The rules in config/custom-resources with example objects: every rule has samples, and none fails. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCustomResources } from '../../src/inspect/custom-resources.ts'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { observeManifests } from '../../src/inspect/render.ts'
import { goldenFolder } from '../conformance/cases.ts'

const folder = join(import.meta.dirname, '../../config/custom-resources')
const packs = readdirSync(folder).map((file) => file.replace(/\.yaml$/, ''))
const selection = {
  resources: undefined,
  metricAllowlist: [],
  metricDenylist: [],
  metricOptInList: [],
  labelsAllowList: new Map(),
  annotationsAllowList: new Map(),
  namespaces: [],
  namespacesDenylist: [],
  node: undefined,
  trackUnscheduledPods: false,
  shard: 0,
  totalShards: 1,
  shardMethod: 'jump' as const,
}

test('there is one for each project', () => {
  expect(packs.sort()).toEqual([
    ...['argo-cd', 'cert-manager', 'cluster-api', 'crossplane', 'flux', 'gateway-api', 'karpenter', 'keda'],
    'vertical-pod-autoscaler',
  ])
})

describe.each(packs)('%s', (pack) => {
  const text = readFileSync(join(folder, `${pack}.yaml`), 'utf8')
  const manifests = parseManifests(readFileSync(join(goldenFolder, `customresourcepacks/${pack}.yaml`), 'utf8'), pack)
  const onProblem = (message: string) => expect.unreachable(message)
  const customResources = readCustomResources({ texts: [{ source: pack, text }], only: true }, onProblem, undefined)
  observeManifests({ selection, customResources, manifests, onProblem })
  const read = customResources.rules.status().filter(({ kinds }) => kinds.length > 0)

  test('has rules, and an example for most of their kinds', () => {
    expect(read.length).toBeGreaterThan(customResources.rules.status().length / 2)
  })

  test.each(read.map((status) => ({ name: status.rule.name, status })))('$name', ({ status }) => {
    const { objects, samples, errors } = status.record
    expect([objects > 0, samples > 0, errors]).toEqual([true, true, 0])
  })
})
