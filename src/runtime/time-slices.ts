/** Long work in steps: between two of them the event loop answers probes, scrapes and watches. */

/** Calls back in a later iteration of the event loop. */
export type Defer = (callback: () => void) => void

export const deferToEventLoop: Defer = (callback) => void setImmediate(callback)

/** Runs the first step at once and each further one after a yield to the event loop. */
export function runInSlices(steps: Iterator<unknown>, defer: Defer): void {
  if (!steps.next().done) defer(() => runInSlices(steps, defer))
}
