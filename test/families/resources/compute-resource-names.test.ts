import { describe, expect, test } from 'vitest'
import {
  isExtendedResource,
  resourceUnits,
  sanitizeResourceName,
} from '../../../src/families/resources/compute-resource-names.ts'
import { readGoldenSamples } from '../../conformance/goldens.ts'

describe('resource names', () => {
  test.each([
    ['hugepages-1Gi', 'hugepages_1Gi'],
    ['example.org/gpu', 'example_org_gpu'],
    ['ephemeral-storage', 'ephemeral_storage'],
    ['é😀x', '__x'],
  ])('%s is labelled %s', (name, label) => expect(sanitizeResourceName(name)).toBe(label))

  test.each([
    ['cpu', ['core']],
    ['memory', ['byte']],
    ['storage', ['byte']],
    ['ephemeral-storage', ['byte']],
    ['hugepages-2Mi', ['byte']],
    ['attachable-volumes-csi', ['byte']],
    ['example.org/gpu', ['integer']],
    ['hugepages-x.example.org/y', ['byte', 'integer']],
    ['attachable-volumes-x.example.org/y', ['byte', 'integer']],
    ['pods', []],
    ['gpu', []],
    ['kubernetes.io/gpu', []],
    ['vendor.kubernetes.io/gpu', []],
    ['requests.example.org/gpu', []],
    ['Example.org/gpu', []],
    ['example.org/', []],
    ['/gpu', []],
    ['a/b/c', []],
    ['example.org/-gpu', []],
    ['example.org/gpu_2.B', ['integer']],
    [`example.org/${'g'.repeat(63)}`, ['integer']],
    [`example.org/${'g'.repeat(64)}`, []],
    [`${'d'.repeat(244)}/g`, ['integer']],
    [`${'d'.repeat(245)}/g`, []],
    ['', []],
  ])('%s has the units %j', (name, units) => expect(resourceUnits(name)).toEqual(units))

  test('an extended resource needs a domain other than those of Kubernetes', () => {
    expect(isExtendedResource('example.org/gpu')).toBe(true)
    expect(isExtendedResource('gpu')).toBe(false)
  })

  test('units of the conformance cases', () => {
    const samples = [
      ...readGoldenSamples('nodes/quantities', 'kube_node_status_capacity'),
      ...readGoldenSamples('nodes/worker-full', 'kube_node_status_capacity'),
    ].filter(({ labels }) => labels.resource !== 'pods')
    expect(samples.length).toBeGreaterThan(8)
    for (const { labels } of samples) {
      const name = labels.resource?.replace(/^(example|vendor)_(org|com|test)_/, '$1.$2/') ?? ''
      const raw = name
        .replace(/^(hugepages|ephemeral|attachable)_/, '$1-')
        .replace('attachable-volumes_', 'attachable-volumes-')
      expect(resourceUnits(raw), raw).toContain(labels.unit)
    }
  })
})
