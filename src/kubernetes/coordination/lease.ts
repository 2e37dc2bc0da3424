/** Lease objects of coordination.k8s.io/v1: what they say, and what they become when they are taken or released. */

import type { LeaseState } from './election.ts'

/** A Lease as it was read. */
export interface Lease extends LeaseState {
  /** The resourceVersion, which changes with every write. */
  readonly version: string
  readonly transitions: number
  /** As the last holder published them; empty without any. */
  readonly annotations: Readonly<Record<string, string>>
  /** The whole object: what others have put into it is kept. */
  readonly object: LeaseObject
}

/** The object as the API has it, as far as it is looked at. */
export interface LeaseObject {
  readonly metadata?: {
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly leaseTransitions?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

/** Reads an object; without a duration of its own, it has that of our configuration. */
export function readLease(object: LeaseObject, defaultDurationMs: number): Lease {
  const { metadata = {}, spec = {} } = object
  const { leaseDurationSeconds: seconds, holderIdentity: holder = '', renewTime = '' } = spec
  return {
    holder,
    renewal: `${renewTime} ${holder}`,
    durationMs: seconds === undefined ? defaultDurationMs : seconds * 1000,
    version: metadata.resourceVersion ?? '',
    transitions: spec.leaseTransitions ?? 0,
    annotations: metadata.annotations ?? {},
    object,
  }
}

export interface Claim {
  readonly name: string
  readonly namespace: string
  readonly identity: string
  readonly durationMs: number
  /** In milliseconds since 1970. */
  readonly wallMs: number
  /** Published with the claim. */
  readonly annotations: Readonly<Record<string, string>>
}

/** The object that makes us its holder, or renews it. It bears the version of the one before, which the server compares. */
export function claimLease(before: Lease | undefined, claim: Claim): LeaseObject {
  const time = microTime(claim.wallMs)
  const isOurs = before?.holder === claim.identity
  const spec = {
    ...before?.object.spec,
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.durationMs / 1000),
    renewTime: time,
    ...(isOurs ? {} : { acquireTime: time }),
    leaseTransitions: before === undefined ? 0 : before.transitions + (isOurs ? 0 : 1),
  }
  return compose(before, claim, spec)
}

/** The Lease as it is, with more annotations. */
export function annotateLease({ object }: Lease, annotations: Readonly<Record<string, string>>): LeaseObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } }
}

/** The Lease without holder, so that the next leader does not have to wait. */
export function releaseLease(before: Lease, claim: Claim): LeaseObject {
  const spec = {
    ...before.object.spec,
    holderIdentity: '',
    leaseDurationSeconds: 1,
    renewTime: microTime(claim.wallMs),
  }
  return compose(before, claim, spec)
}

function compose(
  before: Lease | undefined,
  { name, namespace, annotations }: Claim,
  spec: NonNullable<LeaseObject['spec']>,
): LeaseObject {
  const metadata = {
    name,
    namespace,
    ...before?.object.metadata,
    annotations: { ...before?.annotations, ...annotations },
  }
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
}

/** Go's MicroTime has six digits after the second. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z')
}
