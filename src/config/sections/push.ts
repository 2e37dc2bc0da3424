import { duration } from '../formats/duration.ts'
import { integer } from '../formats/format.ts'
import { setting } from '../setting.ts'

/** The schedule of the push. */
export const pushSettings = {
  'push.interval': setting({
    doc: 'Interval in which every series is sent at least once, spread evenly. Keep it well below the 5 minutes lookback of Prometheus.',
    default: 60_000,
    format: duration(1000),
  }),
  'push.flush_interval': setting({
    doc: 'Interval in which changes are sent. 0s sends everything at each push interval, with nothing in between.',
    default: 1000,
    format: duration(0),
  }),
  'push.max_stale_markers': setting({
    doc: 'Maximum number of stale markers kept while the receiver is unavailable. The oldest are dropped, and counted.',
    default: 1_000_000,
    format: integer(0),
  }),
  'push.shutdown_grace': setting({
    doc: 'Timeout of the last flush when the process stops.',
    default: 5000,
    format: duration(0),
  }),
}
