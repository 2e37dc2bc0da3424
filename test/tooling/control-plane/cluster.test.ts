/** Settings, command lines and stages of a cluster, without starting one. */

import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../scripts/control-plane/cluster-settings.ts'
import { apiServerCommand, controllerCommands, etcdCommand } from '../../../scripts/control-plane/command-lines.ts'
import { kubeletStages } from '../../../scripts/control-plane/kubelet-stages.ts'

describe('settings', () => {
  it('have defaults', () => {
    const settings = readSettings({}, '/programs')
    expect(settings).toMatchObject({
      programs: '/programs',
      hasControllers: false,
      apiFlags: [],
      authorization: 'RBAC',
    })
    expect(settings.ports).toEqual({ api: 16_443, etcd: 12_379, etcdPeer: 12_380 })
  })

  it('come from the environment', () => {
    const env = {
      API_PORT: '2000',
      CONTROLLERS: '1',
      API_FLAGS: '--v=4  --feature-gates=A=true',
      CLUSTER_STATE: '/state',
    }
    const settings = readSettings(env, '/programs')
    expect(apiServerCommand(settings).slice(-2)).toEqual(['--v=4', '--feature-gates=A=true'])
    expect(apiServerCommand(settings)).toContain('--secure-port=2000')
    for (const name of ['scheduler', 'controller-manager'])
      expect(controllerCommands(settings)[name]).toContain('--secure-port=0')
    expect(etcdCommand(settings)[0]).toBe('/programs/etcd')
  })

  it.each(['0', '65536', 'api', '1.5'])('reject the port %s', (port) =>
    expect(() => readSettings({ ETCD_PORT: port }, '')).toThrow(`ETCD_PORT=${port} is not a port`),
  )
})

it('simulated kubelets have a stage for each step of nodes and pods', () => {
  const stages = kubeletStages()
    .split('\n---\n')
    .map((text) => JSON.parse(text))
  expect(stages.map(({ metadata, spec }) => [spec.resourceRef.kind, metadata.name])).toEqual([
    ['Node', 'node-is-ready'],
    ['Pod', 'pod-runs'],
    ['Pod', 'pod-of-a-job-succeeds'],
    ['Pod', 'deleted-pod-ends'],
  ])
})
