/**
 * The state machine of an object in a ledger: what the destination knows of it, and what happens next. docs/delivery.md
 * draws it; test/store/model.test.ts runs it against a model.
 */

/** Its resource is not synced: nothing of it is sent. */
export const waiting = 0
/** To be sent as soon as possible. */
export const pending = 1
/** In a batch, as it is now. */
export const inFlight = 2
/** In a batch, and changed since. */
export const outdated = 3
/** The destination has it as it is now; it is refreshed when its turn comes. */
export const acknowledged = 4
/** Refused; not sent for a while. */
export const setAside = 5
/** To be sent again in a batch without others: it was refused together with others. */
export const suspected = 6
/** To be sent again in a batch without others: it was refused alone. */
export const refused = 7

/** How many states there are. */
export const stateCount = 8

export type DeliveryState =
  | typeof waiting
  | typeof pending
  | typeof inFlight
  | typeof outdated
  | typeof acknowledged
  | typeof setAside
  | typeof suspected
  | typeof refused

/** By event, then by the state before; what is not listed cannot happen. */
const transitions = {
  /** Its resource is synced. */
  admit: { [waiting]: pending },
  /** Its series or values changed. */
  change: {
    [pending]: pending,
    [inFlight]: outdated,
    [outdated]: outdated,
    [acknowledged]: pending,
    [setAside]: setAside,
    [suspected]: suspected,
    [refused]: refused,
  },
  /** It goes into a batch. */
  take: { [pending]: inFlight, [acknowledged]: inFlight, [suspected]: inFlight, [refused]: inFlight },
  /** Its batch is encoded again. */
  encodeAgain: { [inFlight]: inFlight, [outdated]: inFlight },
  /** The destination accepted its batch. */
  acknowledge: { [inFlight]: acknowledged, [outdated]: pending },
  /** Another process has sent it as it is. */
  deliverElsewhere: { [pending]: acknowledged },
  /** Its batch ended without an answer that counts, and it was pending before, or changed between two attempts. */
  returnPending: { [inFlight]: pending, [outdated]: pending },
  /** Its batch ended in the same way, and it was taken to be refreshed. */
  returnAcknowledged: { [inFlight]: acknowledged, [outdated]: pending },
  /** Its batch was refused. */
  setAside: { [inFlight]: setAside, [outdated]: setAside },
  /** The time is over for which it was set aside. */
  suspect: { [setAside]: suspected },
  refuse: { [setAside]: refused },
} satisfies Record<string, Partial<Record<DeliveryState, DeliveryState>>>

export type DeliveryEvent = keyof typeof transitions

const impossible = 0xff

/** The same as bytes: it is asked for every object of every batch. */
const table = Object.fromEntries(
  Object.entries<Partial<Record<number, DeliveryState>>>(transitions).map(([event, next]) => [
    event,
    Uint8Array.from({ length: stateCount }, (_, state) => next[state] ?? impossible),
  ]),
) as Record<DeliveryEvent, Uint8Array>

/** The state after an event. Throws a RangeError for an event that cannot happen in that state. */
export function nextState(state: number, event: DeliveryEvent): number {
  const next = table[event][state] as number
  if (next === impossible) throw new RangeError(`${event} in delivery state ${state}`)
  return next
}
