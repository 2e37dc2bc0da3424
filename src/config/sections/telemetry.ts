/** Owns the keys of what the process says about itself. */
import { boolean, choice } from '../formats/format.ts'
import { setting } from '../setting.ts'

/** Keys of the log and of self-telemetry. */
export const telemetrySettings = {
  'telemetry.log_level': setting({
    doc: 'Least severe level that is logged.',
    default: 'info',
    format: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    flag: 'log-level',
  }),
  'telemetry.log_format': setting({
    doc: 'One JSON object per line, or text for human eyes.',
    default: 'json',
    format: choice(['json', 'text']),
    flag: 'log-format',
  }),
  'telemetry.otlp': setting({
    doc: 'Push metrics about this process too, to the same endpoint; without an endpoint they are only served.',
    default: true,
    format: boolean,
  }),
}
