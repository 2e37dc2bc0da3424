/** Random changes of objects in a store, and a model of the series that must be live at the end. */
import * as fc from 'fast-check'
import type { Engine } from '../../src/runtime/engine.ts'
import type { Widget, WidgetFields } from './widgets.ts'
import { gadgetResource, seriesOf, widget, widgetResource } from './widgets.ts'

type Content = Pick<WidgetFields, 'phase' | 'parts' | 'restarts'>

interface Named {
  resource: number
  name: string
}

export type Change =
  | (Named & { do: 'put' | 'recreate' | 'overlap'; content: Content })
  | (Named & { do: 'delete' })
  | { do: 'relist'; resource: number; kept: readonly string[] }

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const anyName = fc.constantFrom(...names)
const anyResource = fc.constantFrom(widgetResource, widgetResource, gadgetResource)
const anyContent: fc.Arbitrary<Content> = fc.record({
  phase: fc.constantFrom('Pending', 'Running'),
  parts: fc.dictionary(fc.constantFrom('wheel', 'axle', 'bell'), fc.nat({ max: 3 })),
  restarts: fc.nat({ max: 3 }),
})

export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('put' as const, 'put' as const, 'recreate' as const, 'overlap' as const),
      resource: anyResource,
      name: anyName,
      content: anyContent,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), resource: anyResource, name: anyName }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('relist' as const),
      resource: anyResource,
      kept: fc.subarray(names),
    }),
  },
)

/** Applies the changes; `live` are the series that a receiver must have after everything has arrived. */
export const createTraffic = ({ upsert, store }: Engine) => {
  /** By resource and name. */
  const living = new Map<string, Widget>()
  /** Objects whose successor with the same name exists already, until `settle`. */
  const outgoing: { resource: number; uid: string }[] = []
  let generation = 0
  const keyOf = ({ resource, name }: Named) => `${resource} ${name}`

  const put = (named: Named, uid: string, content: Content) => {
    const namespace = named.resource === gadgetResource ? '' : 'default'
    const object = widget({ ...content, name: named.name, namespace, uid })
    upsert(named.resource, object)
    living.set(keyOf(named), object)
  }
  const uidOf = (named: Named) => living.get(keyOf(named))?.metadata.uid
  const remove = (named: Named) => {
    const uid = uidOf(named)
    if (uid === undefined) return
    store.remove(named.resource, uid, 'deleted')
    living.delete(keyOf(named))
  }
  const newUid = () => `uid-${++generation}`
  const removeOutgoing = () => {
    for (const { resource, uid } of outgoing.splice(0)) store.remove(resource, uid, 'deleted')
  }
  const relist = (resource: number, kept: readonly string[]) => {
    const epoch = store.beginRelist()
    for (const [key, object] of [...living]) {
      const name = object.metadata.name
      if (key !== keyOf({ resource, name })) continue
      if (kept.includes(name)) upsert(resource, object)
      else living.delete(key)
    }
    for (const _removed of store.removeMissing(resource, epoch, undefined, () => 'deleted', 2));
  }

  return {
    apply(change: Change) {
      switch (change.do) {
        case 'put':
          return put(change, uidOf(change) ?? newUid(), change.content)
        case 'delete':
          return remove(change)
        case 'recreate':
          remove(change)
          return put(change, newUid(), change.content)
        case 'overlap': {
          const uid = uidOf(change)
          if (uid !== undefined) outgoing.push({ resource: change.resource, uid })
          return put(change, newUid(), change.content)
        }
        case 'relist':
          removeOutgoing()
          return relist(change.resource, change.kept)
      }
    },
    /** Removes the older of two objects with one name. */
    settle: removeOutgoing,
    live: (): Map<string, number> =>
      new Map([...living].flatMap(([key, object]) => seriesOf(Number(key.split(' ')[0]), object))),
    size: () => living.size,
  }
}
