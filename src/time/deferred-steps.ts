/**
 * Long work whose first step must be done when the call returns; between two steps the event loop answers probes, scrapes and
 * watches. Beside `time-slices.ts` because a step is a number of objects and not a time: what was done after which step is then
 * the same in every run, and a caller that is not asynchronous (the engine) can start the work.
 */

/** Calls back in a later iteration of the event loop. */
export type Defer = (callback: () => void) => void

export const deferToEventLoop: Defer = (callback) => void setImmediate(callback)

/** Runs the first step at once and each further one after a yield to the event loop. */
export function runInSteps(steps: Iterator<unknown>, defer: Defer): void {
  if (!steps.next().done) defer(() => runInSteps(steps, defer))
}
