/** The modules that programs are built in, and the table of their versions. */

import { describe, expect, it } from 'vitest'
import { collectorManifest, kubernetesModule, moduleOf } from '../../../scripts/control-plane/go-module.ts'
import { allPrograms, goSources, kubernetesSource, sourceOf } from '../../../scripts/control-plane/go-sources.ts'

describe('the table', () => {
  it('has each program once, with an exact version', () => {
    expect(new Set(allPrograms).size).toBe(allPrograms.length)
    for (const { version } of goSources) expect(version).toMatch(/^v\d+\.\d+\.\d+$/)
  })

  it('has programs of a module that belong to it', () => {
    for (const { module, packages } of goSources) {
      for (const name of Object.values(packages)) expect(name.startsWith(module)).toBe(true)
    }
  })

  it('sets the version that an API server reports', () => {
    expect(kubernetesSource('v1.34.4').variables).toEqual({
      'k8s.io/component-base/version.gitVersion': 'v1.34.4',
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': '34',
    })
    expect(() => kubernetesSource('1.34')).toThrow('1.34 is not a version of Kubernetes')
    expect(() => sourceOf('kubelet')).toThrow('no Go module is known for kubelet')
  })
})

describe('modules', () => {
  it('require the source', () => {
    expect(moduleOf({ module: 'a.example/b', version: 'v1.2.3' }, '1.26')).toBe(
      'module control-plane\n\ngo 1.26.0\n\nrequire a.example/b v1.2.3\n',
    )
  })

  it('take the parts of Kubernetes from their own modules, and the rest as Kubernetes does', () => {
    const original = [
      'module k8s.io/kubernetes',
      'go 1.24.0',
      'godebug default=go1.24',
      'require (',
      '\ta.example/b v1.2.3',
      '\tc.example/d v0.1.0-rc.1 // indirect',
      '\tk8s.io/api v0.0.0',
      '\tk8s.io/klog/v2 v2.130.1',
      ')',
      'replace (',
      '\tk8s.io/api => ./staging/src/k8s.io/api',
      '\tk8s.io/kubectl => ./staging/src/k8s.io/kubectl',
      ')',
    ].join('\n')
    expect(kubernetesModule('v1.34.4', original).split('\n')).toEqual([
      'module control-plane',
      'go 1.24.0',
      'godebug default=go1.24',
      'require (',
      'k8s.io/kubernetes v1.34.4',
      'k8s.io/api v0.34.4',
      'a.example/b v1.2.3',
      'c.example/d v0.1.0-rc.1',
      'k8s.io/klog/v2 v2.130.1',
      ')',
      'replace (',
      'k8s.io/api => k8s.io/api v0.34.4',
      'k8s.io/kubectl => k8s.io/kubectl v0.34.4',
      ')',
      '',
    ])
  })

  it('give the builder of the Collector each component with the version', () => {
    const source = sourceOf('otelcol')
    const { dist, exporters } = JSON.parse(collectorManifest(source, '/out'))
    expect(dist).toEqual({ name: 'otelcol', version: source.version.slice(1), output_path: '/out' })
    expect(exporters).toContainEqual({
      gomod: `go.opentelemetry.io/collector/exporter/otlphttpexporter ${source.version}`,
    })
  })
})
