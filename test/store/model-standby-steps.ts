/** Steps of a replica while another one leads, and of one that continues where another process stopped. */
import type { Destination } from './destination.ts'
import type { Pick, Step } from './model-steps.ts'
import { indexOf, oneOf } from './model-steps.ts'
import type { World } from './model-world.ts'
import { clusterNames, contents, createThing, linesOf, namespacedNames, uids } from './universe.ts'

export const standbySteps: readonly Step[] = [
  {
    weight: 4,
    name: 'another replica leads',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      stopRequests(at, pick)
      for (const one of [at.ledger, at.modelLedger]) one.setMode('standby')
      return indexOf(at, world)
    },
  },
  {
    weight: 8,
    name: 'the leader sends',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      const all = [...world.model.objects.values(), ...at.modelLedger.markers]
      const what = all[pick(Math.max(1, all.length))]
      if (at.modelLedger.mode !== 'standby' || what === undefined) return 'nothing'
      const isObject = !('series' in what)
      const rows = isObject ? at.rowsAt(what) : new Map([...what.series].map((one) => [one, 1]))
      // What it had before, unless it is known to have come to the present.
      const more = isObject && at.modelLedger.of(what).state === 'acknowledged' ? 0 : 1000
      at.receiveFromElsewhere(
        what,
        [...rows].map(([series, value]) => ({ series, value: value + more })),
      )
      return `${indexOf(at, world)} ${what.resource} ${what.name}`
    },
  },
  {
    weight: 8,
    name: 'the leader has delivered',
    run(world, pick) {
      const at = oneOf(pick, world.destinations)
      const resource = pick(2)
      if (at.modelLedger.mode === 'standby') stopRequests(at, pick)
      const markersUntil = world.clock.now - pick(60)
      const changesUntil = markersUntil - pick(40)
      const namespace = [undefined, 'a', 'b'][pick(3)]
      const { ended, objects } = at.modelLedger.deliveredElsewhere(resource, markersUntil, changesUntil, namespace)
      at.ledger.deliveredElsewhere(resource, { namespace, markersUntil, changesUntil }, world.clock.now)
      at.receiveFromElsewhere(
        { resource, name: '' },
        ended.map((series) => ({ series, value: undefined })),
      )
      for (const object of objects) {
        const samples = [...at.rowsAt(object)].map(([series, value]) => ({ series, value }))
        at.receiveFromElsewhere(object, samples)
      }
      return `${indexOf(at, world)} ${resource} ${namespace}: ${ended.length} ended series, ${objects.map(({ name, uid }) => `${name} ${uid}`)}`
    },
  },
  {
    weight: 3,
    name: 'a resource continues where another process stopped:',
    run(world, choose) {
      const resource = choose(2)
      const pick = createPicks(choose(2 ** 30))
      for (const at of world.destinations) stopRequests(at, pick)
      world.relists.splice(0)
      if (!world.resume(resource)) return `${resource} is not read`
      // The exact list: what the other process has sent, and perhaps what it had not come to.
      const names = resource === 0 ? namespacedNames : clusterNames
      const listed = uids.filter(() => pick(3) > 0).filter((uid) => world.shard.owns(uid))
      return `${resource}: ${listed.map((uid, i) => resumeObject(world, pick, { resource, uid, name: names[i % names.length] as string }))}`
    },
  },
]

/** Nothing that this process has sent arrives later than what follows. */
function stopRequests(at: Destination, pick: Pick): void {
  for (const sent of at.inFlight.splice(0)) {
    if (pick(2) === 0) at.receiver.take(sent.request)
    at.release(sent)
  }
}

/** More choices than one number of a script has. */
function createPicks(seed: number): Pick {
  let state = seed
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * count)
  }
}

interface Listed {
  readonly resource: number
  readonly uid: string
  readonly name: string
}

function resumeObject(world: World, pick: Pick, { resource, uid, name }: Listed): string {
  const content = pick(contents)
  world.put(resource, name, uid, content)
  for (const at of world.destinations) {
    const object = world.model.find(resource, uid)
    if (object === undefined || pick(4) === 0) continue
    at.receiveFromElsewhere(
      object,
      [...at.rowsAt(object)].map(([series, value]) => ({ series, value: value + 1000 })),
    )
  }
  return `${name} ${uid} ${linesOf(resource, createThing(name, uid, content)).length}`
}
