/**
 * A model of replicas that elect a leader: the state machine and the fence as they are, a Lease with compare-and-swap, and
 * delayed responses and watch events. Time is simulated; every run follows from its seed.
 */
import type { Election, LeaseState, Occurrence } from '../../../src/kubernetes/coordination/election.ts'
import { advance, beginElection, nextStep } from '../../../src/kubernetes/coordination/election.ts'
import { createFence } from '../../../src/kubernetes/coordination/fence.ts'

export interface ReplicaFault {
  readonly replica: number
  /**
   * While suspended the monotonic clock stands still as well; a released one ends in order; both of them come again. With
   * `delete` somebody deletes the Lease while the replica is cut off.
   */
  readonly kind: 'crash' | 'freeze' | 'suspend' | 'partition' | 'release' | 'delete'
  readonly atMs: number
  readonly lastsMs: number
  /** It strikes only if the replica leads then. */
  readonly leaderOnly?: boolean
}

export interface ReplicaOptions {
  readonly count: number
  readonly seed: number
  readonly faults: readonly ReplicaFault[]
}

const durationMs = 15_000
const renewDeadlineMs = 10_000
const stepMs = 50

/** Runs the model and keeps who may write at each moment. */
export function createReplicas({ count, seed, faults }: ReplicaOptions) {
  const world = createWorld(seed)
  const replicas = Array.from({ length: count }, (_, index) => createReplica(`replica-${index}`, world))
  const pending = faults.toSorted((a, b) => a.atMs - b.atMs)
  const history: string[][] = []
  const overlaps: { readonly atMs: number; readonly writers: string[] }[] = []

  function step(): void {
    for (let next = pending[0]; next !== undefined && next.atMs <= world.nowMs; next = pending[0]) {
      pending.shift()
      const replica = replicas[next.replica]
      if (!next.leaderOnly || replica?.mayWrite()) replica?.suffer(next.kind, next.lastsMs)
    }
    world.deliver()
    for (const replica of replicas) replica.step()
    const writers = replicas.filter((replica) => replica.mayWrite()).map(({ name }) => name)
    history.push(writers)
    if (writers.length > 1) overlaps.push({ atMs: world.nowMs, writers })
  }

  return {
    overlaps,
    writersAt: (atMs: number): string[] => history[Math.floor(atMs / stepMs)] ?? [],
    runUntil(endMs: number) {
      for (; world.nowMs <= endMs; world.nowMs += stepMs) step()
    },
  }
}

type World = ReturnType<typeof createWorld>

/** Time, messages on their way, and the Lease. */
function createWorld(seed: number) {
  let state = seed
  let messages: { readonly dueMs: number; readonly arrive: () => void }[] = []
  let lease: LeaseState | undefined
  let version = 0
  const watchers: (() => void)[] = []
  const world = {
    nowMs: 0,
    random(): number {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    },
    send(maxDelayMs: number, arrive: () => void): void {
      messages.push({ dueMs: world.nowMs + world.random() * maxDelayMs, arrive })
    },
    deliver(): void {
      const due = messages.filter(({ dueMs }) => dueMs <= world.nowMs)
      messages = messages.filter(({ dueMs }) => dueMs > world.nowMs)
      for (const { arrive } of due) arrive()
    },
    lease: () => lease,
    deleteLease(): void {
      lease = undefined
      for (const watcher of watchers) watcher()
    },
    onLease: (watcher: () => void) => void watchers.push(watcher),
    /** Undefined when the version is not that of the Lease. */
    write(holder: string, before: LeaseState | undefined): LeaseState | undefined {
      if (before?.renewal !== lease?.renewal) return undefined
      version += 1
      lease = { holder, durationMs: holder === '' ? 1000 : durationMs, renewal: String(version) }
      for (const watcher of watchers) watcher()
      return lease
    },
  }
  return world
}

/** One life of a process: what it knows is gone with it. */
function createLife(moment: Parameters<typeof createFence>[1]) {
  return {
    election: beginElection() as Election,
    fence: createFence(renewDeadlineMs, moment),
    /** The request in flight, and when it is given up. */
    asking: undefined as { readonly giveUpAtMs: number } | undefined,
    /** What arrived while it could not run. */
    inbox: [] as (() => void)[],
  }
}

function createReplica(name: string, world: World) {
  const rules = { identity: name, retryMs: 2000, denialMs: 0, deniedRetryMs: 60_000 }
  let sleptMs = 0
  let stopsUntilMs = 0
  let cutUntilMs = 0
  const clock = () => world.nowMs - sleptMs
  const begin = () => createLife(() => ({ monotonicMs: clock(), bootMs: world.nowMs }))
  let life = begin()

  const isRunning = () => world.nowMs >= stopsUntilMs
  const isCut = () => world.nowMs < cutUntilMs
  const happen = (occurrence: Occurrence) => {
    life.election = advance(life.election, occurrence, rules)
  }

  /** Something comes to this life of the process; it waits while the process is stopped. */
  function receive(of: typeof life, take: () => void): void {
    if (of !== life || isCut()) return
    if (isRunning()) take()
    else life.inbox.push(take)
  }

  /** The request arrives after a while, its answer after another; either may be lost. */
  function ask(perform: () => () => Occurrence): void {
    const of = life
    const asking = { giveUpAtMs: clock() + renewDeadlineMs / 3 }
    life.asking = asking
    world.send(100, () => {
      if (isCut()) return
      const answer = perform()
      world.send(100, () =>
        receive(of, () => {
          if (life.asking !== asking) return
          life.asking = undefined
          happen(answer())
        }),
      )
    })
  }

  function read(): void {
    ask(() => {
      const lease = world.lease()
      return () => ({ kind: 'seen', lease, atMs: clock() })
    })
  }

  function write(): void {
    const { election, fence } = life
    const startedAt = fence.now()
    const startedAtMs = clock()
    ask(() => {
      const lease = world.write(name, election.lease)
      return () => {
        if (lease === undefined) return { kind: 'conflict', atMs: clock() }
        fence.renewed(startedAt)
        return { kind: 'won', lease, startedAtMs, atMs: clock() }
      }
    })
  }

  world.onLease(() => {
    const lease = world.lease()
    const of = life
    world.send(200, () =>
      receive(of, () => {
        const { role, isRead } = life.election
        const isOurs = role === 'leading' && lease?.holder === name
        if (isRead && !isOurs) happen({ kind: 'seen', lease, atMs: clock() })
      }),
    )
  })

  function restart(afterMs: number): void {
    life = begin()
    stopsUntilMs = world.nowMs + afterMs
  }

  return {
    name,
    mayWrite: () => isRunning() && life.election.role === 'leading' && life.fence.leftMs() > 0,
    step(): void {
      if (!isRunning()) return
      for (const take of life.inbox.splice(0)) take()
      if (life.election.role === 'leading' && life.fence.leftMs() <= 0) happen({ kind: 'late' })
      if (life.asking !== undefined && life.asking.giveUpAtMs <= clock()) {
        life.asking = undefined
        happen({ kind: 'failed', atMs: clock() })
      }
      if (life.asking !== undefined) return
      const { action, atMs } = nextStep(life.election, rules)
      if (atMs > clock()) return
      if (action === 'read') read()
      else write()
    },
    suffer(kind: ReplicaFault['kind'], lastsMs: number): void {
      if (!isRunning()) return
      const { role } = life.election
      if (kind === 'partition' || kind === 'delete') cutUntilMs = world.nowMs + lastsMs
      if (kind === 'partition') return
      if (kind === 'delete') world.deleteLease()
      else if (kind === 'crash') restart(lastsMs)
      else if (kind === 'release') {
        const lease = world.lease()
        if (role === 'leading' && !isCut() && lease?.holder === name) world.write('', lease)
        restart(lastsMs)
      } else {
        stopsUntilMs = world.nowMs + lastsMs
        if (kind === 'suspend') sleptMs += lastsMs
      }
    },
  }
}
