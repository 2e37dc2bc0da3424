/**
 * A small set of objects for random tests: two resources, few names, few UIDs, few values, so that everything collides
 * often. The lines of each object are computed from its fields, independently of store and encoding.
 */

import { familiesOf } from '../../src/families/builders.ts'
import type { AnyResource } from '../../src/families/family.ts'
import { resource } from '../../src/families/family.ts'
import { nameOf, namespaceOf } from '../../src/families/identity.ts'
import type { KubernetesObject } from '../../src/schemas/object-meta.ts'
import { ObjectMeta } from '../../src/schemas/object-meta.ts'
import { message, schema } from '../../src/schemas/schema.ts'

export interface Thing extends KubernetesObject {
  readonly plain: number | undefined
  /** Label value and value; a label value may come twice. */
  readonly labelled: readonly (readonly [string, number])[]
  readonly phase: string | undefined
  readonly restarts: number | undefined
}

/** One sample as text has it, without its value, and the value. */
export type Line = readonly [series: string, value: number]

export const familyOf = ([series]: Line) => series.slice(0, series.indexOf('{'))

const phases = ['Red', 'Green'] as const
const labelValues = ['a', 'b', 'c'] as const
const createdSeconds = 1_700_000_000

export const namespacedNames = ['a/x', 'a/y', 'b/x', 'ab/x', 'ab/y', 'b/z'] as const
export const clusterNames = ['x', 'y', 'a', 'b', 'z', 'a.x'] as const
export const uids = ['', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8', 'u9', 'u10', 'u11'] as const

function things(plural: string, namespaced: boolean): AnyResource {
  const { info, value, observableGauge, observableCounter, stateSet } = familiesOf<Thing>()
  const head = { help: 'Some help.', stability: 'stable' } as const
  return resource<Thing>({
    plural,
    apiVersion: 'v1',
    kind: 'Thing',
    namespaced,
    enabledByDefault: true,
    schema: schema({ metadata: message(1, ObjectMeta) }) as never,
    identity: namespaced ? { namespace: namespaceOf, name: nameOf } : { name: nameOf },
    families: [
      info({ ...head, name: `${plural}_info`, labels: { uid: (thing) => thing.metadata.uid } }),
      value({ ...head, name: `${plural}_plain`, of: (thing) => thing.plain }),
      observableGauge({
        ...head,
        name: `${plural}_labelled`,
        labels: ['l'],
        callback(thing, observe) {
          for (const [label, observed] of thing.labelled) observe(observed, label)
        },
      }),
      stateSet({ ...head, name: `${plural}_phase`, label: 'phase', states: phases, current: (thing) => thing.phase }),
      observableCounter({
        ...head,
        name: `${plural}_restarts_total`,
        callback: (thing, observe) => thing.restarts !== undefined && observe(thing.restarts),
      }),
    ],
  })
}

/** The first is namespaced, the second is not. */
export const resources: readonly AnyResource[] = [things('pods', true), things('nodes', false)]

/** How many contents `createThing` can tell apart. */
export const contents = 4 * 27 * 4 * 3 * 4

const plainValues = [undefined, 0, 1, 2.5]
const phaseValues = [undefined, 'Red', 'Green', 'Blue']
const restartValues = [undefined, 0, 70_000]

/** Several UIDs share a time. */
export const createdAt = (uid: string): number => createdSeconds + (((uids as readonly string[]).indexOf(uid) * 5) % 7)

/** A thing of a name (`namespace/name` or `name`); `content` chooses all else. */
export function createThing(name: string, uid: string, content: number): Thing {
  let rest = content
  const pick = (count: number): number => {
    const picked = rest % count
    rest = Math.floor(rest / count)
    return picked
  }
  const labelled: [string, number][] = []
  for (const label of labelValues) {
    const value = pick(3)
    if (value > 0) labelled.push([label, value * 7])
  }
  const plain = plainValues[pick(4)]
  const phase = phaseValues[pick(4)]
  const restarts = restartValues[pick(3)]
  if (pick(4) === 0) labelled.push(['a', 3])
  const slash = name.indexOf('/')
  const metadata = {
    name: name.slice(slash + 1),
    namespace: slash < 0 ? '' : name.slice(0, slash),
    uid,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: createdAt(uid),
    deletionTimestamp: undefined,
    labels: new Map<string, string>(),
    annotations: new Map<string, string>(),
    ownerReferences: [],
  }
  return { metadata, plain, labelled, phase, restarts }
}

/** What the thing yields, in the order of the page. */
export function linesOf(resourceIndex: number, thing: Thing): Line[] {
  const { plural, namespaced } = resources[resourceIndex] as AnyResource
  const { namespace, name, uid } = thing.metadata
  const identity = namespaced ? `namespace="${namespace}",name="${name}"` : `name="${name}"`
  const lines: Line[] = [[`${plural}_info{${identity},uid="${uid}"}`, 1]]
  if (thing.plain !== undefined) lines.push([`${plural}_plain{${identity}}`, thing.plain])
  for (const [label, value] of thing.labelled) lines.push([`${plural}_labelled{${identity},l="${label}"}`, value])
  if (thing.phase !== undefined) {
    for (const phase of phases) {
      lines.push([`${plural}_phase{${identity},phase="${phase}"}`, phase === thing.phase ? 1 : 0])
    }
  }
  if (thing.restarts !== undefined) lines.push([`${plural}_restarts_total{${identity}}`, thing.restarts])
  return lines
}
