/** A pusher over an in-memory transport in fake time, for tests of what is sent and when. */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { createFakeTransport } from './fake-transport.ts'
import type { PushingOptions } from './pushing.ts'
import { startPushing } from './pushing.ts'
import type { WidgetFields } from './widgets.ts'
import { widget, widgetResource } from './widgets.ts'

type Respond = NonNullable<Parameters<typeof createFakeTransport>[0]>

/** Without `respond` all requests are accepted. */
export const openPushing = (options: PushingOptions = {}, respond?: Respond) => {
  const fake = createFakeTransport(respond)
  const pushing = startPushing(fake.transport, options)
  return {
    ...pushing,
    ...fake,
    put: (fields: Omit<WidgetFields, 'uid'> & { uid?: string }) =>
      pushing.engine.upsert(widgetResource, widget({ uid: `uid-${fields.name}`, ...fields })),
    /** Advances the clock in steps and yields to the event loop after each. */
    async pass(ms: number, stepMs = 1000) {
      for (let left = ms; left > 0; left -= stepMs) {
        pushing.clock.advance(Math.min(left, stepMs))
        await yieldToEventLoop()
      }
    },
  }
}

/** `w000`, `w001` and so on. */
export const manyNames = (count: number) => Array.from({ length: count }, (_, i) => `w${String(i).padStart(3, '0')}`)
