/** Owns the keys that say where the configuration file is. */
import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** Keys of the file; they cannot stand in it. */
export const fileSettings = {
  config: optional({
    doc: 'Path of a configuration file in YAML; what it names wins over flags and variables.',
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
