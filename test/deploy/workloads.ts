/** The parts of rendered objects that tests compare: workloads and their configuration, ServiceAccounts and their rights. */

import { expect } from 'vitest'
import type { LoadedConfig } from '../../src/config/load.ts'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { PolicyRule } from '../../src/inspect/rbac.ts'
import type { Manifest } from './kustomize.ts'

interface EnvironmentVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: { readonly name: string }
  }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly EnvironmentVariable[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
}

export interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] }
}

export interface Workload extends Manifest {
  readonly spec: { readonly replicas?: number; readonly template: Pod }
}

interface Binding extends Manifest {
  readonly roleRef: { readonly kind: string; readonly name: string }
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[]
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

export const workloadsOf = (objects: readonly Manifest[]) =>
  objects.filter(({ kind }) => workloadKinds.has(kind)) as Workload[]

export const accountOf = ({ spec }: Workload) => spec.template.spec.serviceAccountName

/** The container of kube-state-otlp, which is the only one beside sidecars. */
export function productOf({ spec }: Workload): Container {
  const [product, ...others] = spec.template.spec.containers
  expect(others).toEqual([])
  expect(product?.name).toBe('kube-state-otlp')
  return product as Container
}

/** A pod of the workload: its second one, if they are numbered. */
interface Placed {
  readonly workload: Workload
  readonly namespace: string
  readonly node: string
  /** The mounted files by path. */
  readonly files?: ReadonlyMap<string, string>
}

/** The configuration that arguments, variables and files give; fails when loading it leaves a notice. */
export function loadedConfig({ workload, namespace, node, files }: Placed): LoadedConfig['config'] {
  const { env = [], args = [] } = productOf(workload)
  const fields: Readonly<Record<string, string>> = {
    'metadata.namespace': namespace,
    'spec.nodeName': node,
    'metadata.name': `${workload.metadata.name}-1`,
  }
  expect(new Set(env.map(({ name }) => name)).size, 'a variable that is set twice').toBe(env.length)
  const values = env.map(({ name, value, valueFrom }) => {
    const secret = valueFrom?.secretKeyRef === undefined ? undefined : 'key=value'
    return [name, value ?? secret ?? fields[valueFrom?.fieldRef?.fieldPath ?? '']]
  })
  const readFile = (path: string) => {
    const content = files?.get(path)
    if (content === undefined) throw new Error(`${path} is not mounted`)
    return content
  }
  const loaded = loadConfig({ argv: args, env: Object.fromEntries(values), readFile })
  if (!loaded.ok) return expect.fail(loaded.problems.map(formatProblem).join('\n'))
  expect(loaded.notices).toEqual([])
  return loaded.config
}

/** One line for each right: `namespace/group/resource verb`. */
export function rightsOf(
  objects: readonly { readonly metadata: { readonly namespace?: string }; readonly rules?: unknown }[],
): string[] {
  const lines = objects.flatMap(({ metadata, rules = [] }) =>
    (rules as readonly PolicyRule[]).flatMap(({ apiGroups, resources, verbs, resourceNames = ['*'] }) =>
      resources.flatMap((name) =>
        verbs.flatMap((verb) =>
          resourceNames.map((object) => `${metadata.namespace ?? '*'} ${apiGroups} ${name}/${object} ${verb}`),
        ),
      ),
    ),
  )
  return [...new Set(lines)].sort()
}

export const bindingsOf = (objects: readonly Manifest[]) =>
  objects.filter(({ kind }) => kind.endsWith('RoleBinding')) as Binding[]

/** The roles that are bound to a ServiceAccount. */
export function rolesOf(objects: readonly Manifest[], account: string): Manifest[] {
  const bound = bindingsOf(objects).filter(({ subjects }) => subjects.some(({ name }) => name === account))
  return bound.map(({ roleRef, metadata: { namespace } }) => {
    const role = objects.find(
      ({ kind, metadata }) =>
        kind === roleRef.kind && metadata.name === roleRef.name && metadata.namespace === namespace,
    )
    expect(role, `${roleRef.kind} ${roleRef.name}`).toBeDefined()
    return role as Manifest
  })
}
