/**
 * The election of a leader as a state machine, without I/O and without a clock: what is known of the Lease, the role
 * that follows from it, and what is to be done next. docs/leader-election.md describes the table.
 */

/**
 * `leading` and `unelected` may write. `fenced` holds the Lease, but has not renewed it in time; `unelected` has no
 * rights on Leases and is on its own.
 */
export type Role = 'starting' | 'standby' | 'leading' | 'fenced' | 'unelected' | 'stopped'

/** `won`: our write was accepted. `held`: another replica holds the Lease. `late`: the renew deadline has passed. */
type RoleEvent = 'won' | 'held' | 'late' | 'denied' | 'stopped'

/** What is not listed changes nothing. */
const transitions: Readonly<Record<Role, Partial<Record<RoleEvent, Role>>>> = {
  starting: { won: 'leading', held: 'standby', denied: 'unelected', stopped: 'stopped' },
  standby: { won: 'leading', stopped: 'stopped' },
  leading: { held: 'standby', late: 'fenced', stopped: 'stopped' },
  fenced: { won: 'leading', held: 'standby', stopped: 'stopped' },
  unelected: { won: 'leading', held: 'standby', stopped: 'stopped' },
  stopped: {},
}

/** What an election looks at in a Lease. */
export interface LeaseState {
  /** Empty if it has no holder. */
  readonly holder: string
  /** How long the holder keeps it without a renewal. */
  readonly durationMs: number
  /** Changes with every renewal and every change of the holder; not with annotations, which others may write. */
  readonly renewal: string
}

/** All times are of one monotonic clock. */
export interface Election<L extends LeaseState = LeaseState> {
  readonly role: Role
  /** The Lease as last seen; undefined when there is none. */
  readonly lease: L | undefined
  /** Whether `lease` is worth a write; otherwise it has to be read first. */
  readonly isRead: boolean
  /** When the Lease was last seen to change. */
  readonly changedAtMs: number
  /** Until then another replica may push: its Lease may be deleted, but it need not know that. */
  readonly heldUntilMs: number
  /** When the last write that was accepted began. */
  readonly wonAtMs: number
  /** After a failure nothing is tried before this. */
  readonly notBeforeMs: number
  /** Since when Leases are denied without a break; undefined if they are not. */
  readonly deniedSinceMs: number | undefined
}

export interface ElectionRules {
  readonly identity: string
  /** Between two renewals, and before another attempt after a failure. */
  readonly retryMs: number
  /** How long Leases are denied at the start before that is believed: an API server that starts denies what it permits later. */
  readonly denialMs: number
  /** Before Leases are looked at again without rights on them. */
  readonly deniedRetryMs: number
}

/** What happened. */
export type Occurrence<L extends LeaseState = LeaseState> =
  | { readonly kind: 'seen'; readonly lease: L | undefined; readonly atMs: number }
  | { readonly kind: 'won'; readonly lease: L; readonly startedAtMs: number; readonly atMs: number }
  /** Our write was refused, because the Lease is not what we thought. */
  | { readonly kind: 'conflict'; readonly atMs: number }
  | { readonly kind: 'failed'; readonly atMs: number }
  | { readonly kind: 'denied'; readonly atMs: number }
  | { readonly kind: 'late' }
  | { readonly kind: 'stopped' }

/** What to do, and when. */
export interface Step {
  readonly action: 'read' | 'write' | 'none'
  readonly atMs: number
}

/** Nothing is known yet. */
export function beginElection<L extends LeaseState>(): Election<L> {
  const never = Number.NEGATIVE_INFINITY
  const times = { changedAtMs: never, heldUntilMs: never, wonAtMs: never, notBeforeMs: never }
  return { role: 'starting', lease: undefined, isRead: false, deniedSinceMs: undefined, ...times }
}

/** The state after an occurrence. */
export function advance<L extends LeaseState>(
  election: Election<L>,
  occurrence: Occurrence<L>,
  { identity, retryMs, denialMs, deniedRetryMs }: ElectionRules,
): Election<L> {
  switch (occurrence.kind) {
    case 'seen':
      return see(election, occurrence.lease, occurrence.atMs, identity)
    case 'won': {
      const { lease, startedAtMs: wonAtMs, atMs: changedAtMs } = occurrence
      const times = { changedAtMs, heldUntilMs: Number.NEGATIVE_INFINITY, wonAtMs, notBeforeMs: changedAtMs }
      return { role: after(election.role, 'won'), lease, isRead: true, deniedSinceMs: undefined, ...times }
    }
    case 'conflict':
      return { ...election, isRead: false, notBeforeMs: occurrence.atMs }
    case 'failed':
      return { ...election, notBeforeMs: occurrence.atMs + retryMs }
    case 'denied': {
      const { atMs } = occurrence
      const { deniedSinceMs = atMs } = election
      const role = atMs - deniedSinceMs < denialMs ? election.role : after(election.role, 'denied')
      const pauseMs = role === 'unelected' ? deniedRetryMs : retryMs
      return { ...election, role, isRead: false, notBeforeMs: atMs + pauseMs, deniedSinceMs }
    }
    case 'late':
    case 'stopped':
      return { ...election, role: after(election.role, occurrence.kind) }
  }
}

function after(role: Role, event: RoleEvent): Role {
  return transitions[role][event] ?? role
}

/**
 * Its age counts from when we saw it change: clocks of other machines mean nothing. One that bears our name is ours: another
 * process of the same pod has left it behind.
 */
function see<L extends LeaseState>(
  election: Election<L>,
  lease: L | undefined,
  atMs: number,
  identity: string,
): Election<L> {
  const isHeld = lease !== undefined && lease.holder !== '' && lease.holder !== identity
  const changedAtMs = election.lease?.renewal === lease?.renewal ? election.changedAtMs : atMs
  const heldUntilMs = isHeld ? changedAtMs + lease.durationMs : Number.NEGATIVE_INFINITY
  return {
    ...election,
    role: isHeld ? after(election.role, 'held') : election.role,
    lease,
    isRead: true,
    deniedSinceMs: undefined,
    changedAtMs,
    heldUntilMs: lease === undefined ? election.heldUntilMs : heldUntilMs,
  }
}

/** The next thing to do. */
export function nextStep({ role, isRead, ...times }: Election, { retryMs }: ElectionRules): Step {
  if (role === 'stopped') return { action: 'none', atMs: Number.POSITIVE_INFINITY }
  const { heldUntilMs, wonAtMs, notBeforeMs } = times
  if (!isRead) return { action: 'read', atMs: notBeforeMs }
  if (role === 'leading') return { action: 'write', atMs: Math.max(wonAtMs + retryMs, notBeforeMs) }
  return { action: 'write', atMs: Math.max(heldUntilMs, notBeforeMs) }
}
