/** Writes all files that are generated from declarations. With `--check`, only reports those that are out of date and fails. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { renderDefaultFile } from '../src/config/default-file.ts'
import { renderJsonSchema } from '../src/config/json-schema.ts'
import { configurationPage } from './configuration-page.ts'
import { dashboardFiles } from './dashboard-files.ts'
import { deployFiles } from './deploy-files.ts'
import { flagPage } from './flag-page.ts'
import { metricPages } from './metric-pages.ts'
import { monitoringFiles } from './monitoring-files.ts'

/** The content of each generated file, by its path in the project. */
const derived: Record<string, () => string> = {
  'config/default.yaml': renderDefaultFile,
  'config/schema.json': renderJsonSchema,
  ...dashboardFiles,
  ...deployFiles,
  ...metricPages,
  ...monitoringFiles,
  ...configurationPage,
  ...flagPage,
}

const isCheck = process.argv.includes('--check')
for (const [path, render] of Object.entries(derived)) {
  const file = new URL(`../${path}`, import.meta.url)
  const content = render()
  if (existsSync(file) && readFileSync(file, 'utf8') === content) continue
  if (isCheck) {
    console.error(`${path} is out of date: npm run docs`)
    process.exitCode = 1
  } else {
    mkdirSync(new URL('.', file), { recursive: true })
    writeFileSync(file, content)
    console.log(`${path} written`)
  }
}
