import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** The configuration file; these keys cannot be set in it. */
export const fileSettings = {
  config: optional({
    doc: 'Path of a configuration file in YAML, which takes precedence over flags and variables.',
    deviation: 'What did not change is not listed again; the log names what needs a restart.',
    format: text('path'),
    notInFile: true,
  }),
  continue_without_config: setting({
    doc: 'Start without the configuration file if it does not exist.',
    default: false,
    format: boolean,
    notInFile: true,
  }),
}
