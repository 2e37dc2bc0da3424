/** Steps of a shard that gains and loses objects while other shards send them. */

import type { Step } from './model-steps.ts'
import { oneOf } from './model-steps.ts'
import type { World } from './model-world.ts'
import { uids } from './universe.ts'

export const shardSteps: readonly Step[] = [
  {
    weight: 3,
    name: 'the shards change:',
    run(world, pick) {
      const { shard } = world
      // Two of three objects on average, or all.
      const mask = pick(3) === 0 ? 0xfff : pick(1 << uids.length) | pick(1 << uids.length)
      const holds = pick(4) > 0
      if (holds) shard.former.push(shard.owns)
      shard.owns = (uid) => ((mask >> (uids as readonly string[]).indexOf(uid)) & 1) === 1
      world.handOver()
      return `${mask.toString(2).padStart(uids.length, '0')}${holds ? ', objects that are gained are held' : ''}`
    },
  },
  {
    weight: 2,
    name: 'the other shards have stopped',
    run(world) {
      world.release()
      return ''
    },
  },
  {
    weight: 8,
    name: 'remove, perhaps created again:',
    run({ store, model }, pick) {
      const [resource, uid] = [pick(2), oneOf(pick, uids)]
      const object = model.find(resource, uid)
      store.remove(resource, uid, 'unconfirmed')
      if (object !== undefined) model.remove(object, 'unconfirmed')
      return `${resource} ${uid}`
    },
  },
  {
    weight: 3,
    name: 'not created again:',
    run: (world, pick) => `${world.confirm(world.clock.now - pick(30))}`,
  },
  {
    weight: 12,
    name: 'another shard sends',
    run: (world, pick) => sendAsFormerOwner(world, pick(1000)),
  },
]

/** What is held: objects, and series that ended here and may live there, or live again. */
function sendAsFormerOwner({ destinations, model, isHeld }: World, choice: number): string {
  const at = oneOf((count) => choice % count, destinations)
  const objects = [...model.objects.values()].filter(({ uid }) => isHeld(uid))
  const markers = at.modelLedger.markers.filter(({ isHeld, isUnconfirmed }) => isHeld || isUnconfirmed)
  const what = [...objects, ...markers][choice % Math.max(1, objects.length + markers.length)]
  if (what === undefined) return 'nothing'
  const rows = 'series' in what ? new Map([...what.series].map((one) => [one, 1])) : at.rowsAt(what)
  const samples = [...rows].map(([series, value]) => ({ series, value: value + 1000 }))
  return `${what.resource} ${what.name}${at.receiveFromElsewhere(what, samples) ? '' : ', not now'}`
}
