/** 0 for a resourceVersion that is not a number, as those of some extension API servers are. */
export function revisionIn(resourceVersion: string): number {
  const revision = /^\d+$/.test(resourceVersion) ? Number(resourceVersion) : 0
  return Number.isSafeInteger(revision) ? revision : 0
}
