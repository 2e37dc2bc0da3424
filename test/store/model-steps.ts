/**
 * The possible steps in the world of the model, as a table: weight, name and action. An action returns the rest of its
 * description.
 */
import type { LedgerMode } from '../../src/store/ledger.ts'
import type { RemovalReason } from '../../src/store/store.ts'
import type { Destination, InFlight } from './destination.ts'
import type { World } from './model-world.ts'
import { clusterNames, contents, namespacedNames, resources, uids } from './universe.ts'

/** Yields a whole number below `count`. */
export type Pick = (count: number) => number

export interface Step {
  /** How often, compared with the others. */
  readonly weight: number
  readonly name: string
  run(world: World, pick: Pick): string
}

export const oneOf = <T>(pick: Pick, items: readonly T[]): T => items[pick(items.length)] as T
/** Shards have steps of their own for objects that are perhaps created again. */
const reasonOf = (pick: Pick, oneIn: number): RemovalReason => (pick(oneIn) === 0 ? 'handed over' : 'deleted')
export const indexOf = (destination: Destination, { destinations }: World) => `at ${destinations.indexOf(destination)}`

/** A step on a request in flight, if there is one; `takes`: the request ends. */
function onRequest(takes: boolean, run: (at: Destination, sent: InFlight, world: World, pick: Pick) => string) {
  return (world: World, pick: Pick): string => {
    const at = oneOf(pick, world.destinations)
    if (at.inFlight.length === 0) return 'nothing'
    const index = pick(at.inFlight.length)
    const sent = (takes ? at.inFlight.splice(index, 1)[0] : at.inFlight[index]) as InFlight
    return `${indexOf(at, world)} ${run(at, sent, world, pick)}`
  }
}

function putElsewhere(world: World, resource: number, name: string, uid: string, content: number): string {
  world.leaveToOther(resource, name, uid, content)
  return `${resource} ${name} ${uid}, which is another shard's`
}

export const steps: readonly Step[] = [
  {
    weight: 48,
    name: 'put',
    run(world, pick) {
      const resource = pick(2)
      const uidIndex = pick(uids.length)
      const names = resource === 0 ? namespacedNames : clusterNames
      const name = names[pick(8) === 0 ? pick(names.length) : uidIndex % names.length] as string
      const uid = uids[uidIndex] as string
      if (!world.shard.owns(uid)) return putElsewhere(world, resource, name, uid, pick(contents))
      return `${resource} ${name} ${uid}: ${world.put(resource, name, uid, pick(contents))}`
    },
  },
  {
    weight: 16,
    name: 'remove',
    run({ store, model }, pick) {
      const [resource, uid, reason] = [pick(2), oneOf(pick, uids), reasonOf(pick, 8)]
      const object = model.find(resource, uid)
      const removed = store.remove(resource, uid, reason)
      if (removed !== (object !== undefined)) throw new Error(`${uid} was ${removed ? '' : 'not '}removed`)
      if (object !== undefined) model.remove(object, reason)
      return `${resource} ${uid}, ${reason}`
    },
  },
  {
    weight: 2,
    name: 'a relist begins:',
    run({ store, relists }, pick) {
      const resource = pick(2)
      const namespace = resource === 0 ? oneOf(pick, [undefined, 'a', 'ab', 'b']) : undefined
      relists.push({ resource, namespace, epoch: store.beginRelist(), seen: new Set() })
      return `${resource} ${namespace ?? ''}`
    },
  },
  {
    weight: 2,
    name: 'a relist ends:',
    run(world, pick) {
      const [relist] = world.relists.splice(pick(Math.max(1, world.relists.length)), 1)
      if (relist === undefined) return 'none'
      const reason = reasonOf(pick, 3)
      world.endRelist(relist, reason, 1 + pick(5))
      return `${relist.resource} ${relist.namespace ?? ''}, the rest is ${reason}`
    },
  },
  {
    weight: 3,
    name: 'synced:',
    run(world, pick) {
      const resource = pick(2)
      world.markSynced(resource)
      return `${resource}`
    },
  },
  {
    weight: 2,
    name: 'plan',
    run(world, pick) {
      const absent = resources.map(() => pick(5) === 0)
      // The first family has the UID, by which the model knows objects.
      const missing = resources.map(
        ({ families }) =>
          new Set(
            families
              .slice(1)
              .filter(() => pick(4) === 0)
              .map((f) => f.name),
          ),
      )
      const reason = reasonOf(pick, 4)
      const named = oneOf(pick, [[], [], ['a'], ['a', 'b'], ['ab']])
      world.applyPlan(absent, missing, named, reason)
      return `without ${absent} ${missing.map((names) => [...names])}, in ${named}, ${reason}`
    },
  },
  {
    weight: 20,
    name: 'take',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      const refreshBefore = oneOf(pick, [0, world.clock.now - 20, Number.POSITIVE_INFINITY])
      const request = { markers: pick(3) > 0, changes: pick(4) > 0, refreshBefore, refreshRows: pick(3) * 10 }
      const room = oneOf(pick, [1, 2, 3, 5, 100])
      return `${indexOf(at, world)} ${JSON.stringify(request)} room ${room}: ${at.take(request, room)}`
    },
  },
  {
    weight: 6,
    name: 'take readmitted',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      return `${indexOf(at, world)}: ${at.take('readmitted', oneOf(pick, [1, 3, 100]))}`
    },
  },
  {
    weight: 14,
    name: 'a request arrives',
    run: onRequest(true, (at, sent, { clock }) => {
      at.acknowledge(sent, clock.now)
      return ''
    }),
  },
  {
    weight: 6,
    name: 'a request is given up',
    run: onRequest(true, (at, sent, _world, pick) => {
      const arrived = pick(2) === 0
      if (arrived) at.receiver.take(sent.request)
      at.release(sent)
      return arrived ? 'which arrived' : 'which is lost'
    }),
  },
  {
    weight: 7,
    name: 'a request is retried',
    run: onRequest(false, (at, sent, _world, pick) => {
      const arrived = pick(2) === 0
      if (arrived) at.receiver.take(sent.request)
      at.retry(sent, pick(4) === 0 ? 1 : 100)
      return arrived ? 'which arrived' : 'which was lost'
    }),
  },
  {
    weight: 2,
    name: 'a request is split',
    run: onRequest(true, (at, sent) => {
      if (sent.batch.size < 2) at.inFlight.push(sent)
      else at.split(sent)
      return ''
    }),
  },
  {
    weight: 3,
    name: 'a request is set aside',
    run: onRequest(true, (at, sent, { clock }, pick) => {
      const until = clock.now + pick(60)
      const isProven = pick(2) === 0
      at.setAside(sent, until, isProven)
      return `until ${until}${isProven ? ', known to be refused' : ''}`
    }),
  },
  {
    weight: 2,
    name: 'mode',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      const mode = oneOf<LedgerMode>(pick, ['leading', 'leading', 'standby', 'paused'])
      at.ledger.setMode(mode)
      at.modelLedger.setMode(mode)
      return `${indexOf(at, world)} ${mode}`
    },
  },
  {
    weight: 6,
    name: 'time:',
    run({ clock }, pick) {
      clock.now += 1 + pick(40)
      clock.revision += pick(3)
      clock.wall += pick(6) === 0 ? (pick(2) * 2 - 1) * 10_000 : pick(40)
      return `${clock.now}, on the wall ${clock.wall}`
    },
  },
  {
    weight: 4,
    name: 'tick',
    run({ destinations, clock }) {
      for (const { ledger, modelLedger } of destinations) for (const one of [ledger, modelLedger]) one.tick(clock.now)
      return ''
    },
  },
  {
    weight: 2,
    name: 'compare',
    run(world) {
      world.compareObjects()
      return ''
    },
  },
]
