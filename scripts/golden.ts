/** `npm run golden`: renders the cases of test/golden that have no expected output yet, or that `--update` names, and prints the changes. */
import { parseArgs } from 'node:util'
import { goldenFolder, readCases, recordedFolder } from '../test/conformance/cases.ts'
import { updateGoldens } from './golden-files.ts'

const { values } = parseArgs({ options: { update: { type: 'string', multiple: true, default: [] } } })
process.exitCode = updateGoldens({
  goldens: readCases(goldenFolder),
  recorded: new Set(readCases(recordedFolder).map(({ name }) => name)),
  named: new Set(values.update),
  print: (line) => console.log(line),
})
