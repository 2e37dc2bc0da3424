/** Writes config/default.yaml from the schema. */
import { writeFileSync } from 'node:fs'
import { renderDefaultFile } from '../src/config/default-file.ts'

writeFileSync(new URL('../config/default.yaml', import.meta.url), renderDefaultFile())
