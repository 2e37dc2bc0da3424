/** Owns the name of the cluster on the wire: the UID of the namespace `kube-system`, which lives as long as the cluster. */

/** Reads a small object of the API server; rejects with an error that has the HTTP status as `code`, or none. */
export type ReadObject = (path: string, signal: AbortSignal) => Promise<unknown>

export interface ClusterIdentityOptions {
  readonly read: ReadObject
  readonly signal: AbortSignal
  /** Waits between attempts; ends early when the signal aborts. */
  readonly wait: (ms: number) => Promise<void>
  /** Told of each attempt that failed, with what to do about it. */
  readonly onTrouble: (message: string, error: unknown) => void
  /** After so long an attempt is given up; half a minute when left out. */
  readonly attemptMs?: number
}

const retryMs = 5000

/** Asks until it is answered; undefined only when the signal aborted. Pushing waits for it, reading does not. */
export async function readClusterIdentity(options: ClusterIdentityOptions): Promise<string | undefined> {
  const { read, signal, wait, onTrouble, attemptMs = 30_000 } = options
  while (!signal.aborted) {
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)])
      const namespace = await read('/api/v1/namespaces/kube-system', until)
      const uid = (namespace as { metadata?: { uid?: string } }).metadata?.uid
      if (uid) return uid
      onTrouble(
        'the namespace kube-system has no UID: set otlp.instance_id (--otlp-instance-id) to name the cluster',
        undefined,
      )
    } catch (error) {
      if (signal.aborted) return undefined
      onTrouble(adviceOn(error), error)
    }
    await wait(retryMs)
  }
  return undefined
}

function adviceOn(error: unknown): string {
  const { code } = error as { code?: unknown }
  if (code === 403) {
    return 'no right to get the namespace kube-system, whose UID names this cluster on the wire: grant it (kube-state-otlp rbac shows the rule) or set otlp.instance_id (--otlp-instance-id); nothing is pushed until then'
  }
  return 'cannot read the namespace kube-system, whose UID names this cluster on the wire; nothing is pushed until it answers'
}
