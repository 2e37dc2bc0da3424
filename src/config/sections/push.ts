/** Owns the keys of the push: what is sent how often, and how much is owed at most. */
import { duration } from '../formats/duration.ts'
import { integer } from '../formats/format.ts'
import { setting } from '../setting.ts'

/** Keys of the periodic reader. */
export const pushSettings = {
  'push.interval': setting({
    doc: 'Every series is sent at least this often, spread evenly. Keep it well below the five minutes after which Prometheus forgets.',
    default: 60_000,
    format: duration(1000),
  }),
  'push.flush_interval': setting({
    doc: 'How often changes are sent. 0s sends everything at each interval, and nothing between.',
    default: 1000,
    format: duration(0),
  }),
  'push.max_departed': setting({
    doc: 'Ended series that may be owed to the receiver while it is away; the oldest are dropped beyond, and counted.',
    default: 1_000_000,
    format: integer(0),
  }),
  'push.shutdown_grace': setting({
    doc: 'How long the last flush may take when the process is asked to stop.',
    default: 5000,
    format: duration(0),
  }),
}
