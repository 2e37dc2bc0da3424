/** The name of an object within a ledger: whatever has the same key is never in two batches in flight. */
export const groupKey = (resource: number, group: string) => `${resource} ${group}`
