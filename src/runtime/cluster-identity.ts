/** The identity of the cluster in OTLP: the UID of the namespace `kube-system`, which lives as long as the cluster. */

/** Reads JSON from the API server; rejects with an error that has the HTTP status as `code`, or none. */
export type ReadObject = (path: string, signal: AbortSignal) => Promise<unknown>

export interface ClusterIdentityOptions {
  readonly read: ReadObject
  readonly signal: AbortSignal
  /** Waits between attempts; ends early when the signal aborts. */
  readonly wait: (ms: number) => Promise<void>
  /** An attempt failed; the message says what to do. */
  readonly onFailure: (message: string, error: unknown) => void
  /** Deadline of one request; half a minute when left out. */
  readonly attemptMs?: number
}

const retryMs = 5000
const namespacePath = '/api/v1/namespaces/kube-system'
/** A role that may only list namespaces, as the one of kube-state-metrics, gets the same answer from here. */
const listPath = '/api/v1/namespaces?fieldSelector=metadata.name%3Dkube-system'

/** Retries until it is answered; undefined only when the signal aborted. Pushing waits for it, reading does not. */
export async function readClusterIdentity(options: ClusterIdentityOptions): Promise<string | undefined> {
  const { signal, wait, onFailure } = options
  while (!signal.aborted) {
    try {
      const uid = await readClusterUid(options)
      if (uid) return uid
      onFailure('the namespace kube-system has no UID: set otlp.instance_id (--otlp-instance-id)', undefined)
    } catch (error) {
      if (signal.aborted) return undefined
      onFailure(adviceOn(error), error)
    }
    await wait(retryMs)
  }
  return undefined
}

interface NamespaceAnswer {
  readonly metadata?: { readonly uid?: string }
}

/** One attempt; undefined when the namespace has no UID. Rejects when it cannot be read. */
export async function readClusterUid({
  read,
  signal,
  attemptMs = 30_000,
}: Pick<ClusterIdentityOptions, 'read' | 'signal' | 'attemptMs'>): Promise<string | undefined> {
  const ask = (path: string) => read(path, AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]))
  try {
    const namespace = (await ask(namespacePath)) as NamespaceAnswer
    return namespace.metadata?.uid
  } catch (error) {
    if (!isForbidden(error)) throw error
    const { items } = (await ask(listPath)) as { readonly items?: readonly NamespaceAnswer[] }
    return items?.[0]?.metadata?.uid
  }
}

function isForbidden(error: unknown): boolean {
  return (error as { code?: unknown }).code === 403
}

function adviceOn(error: unknown): string {
  return isForbidden(error)
    ? 'the UID of the namespace kube-system identifies the cluster in OTLP and may not be read; nothing is pushed: grant get on that namespace (kube-state-otlp rbac prints the rule), or set otlp.instance_id (--otlp-instance-id), as an installation without cluster-wide rights must'
    : 'the namespace kube-system, whose UID identifies the cluster in OTLP, cannot be read; nothing is pushed; retrying'
}
