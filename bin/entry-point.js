/** Which code to run: the bundle, or in a checkout newer than its bundle the sources. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
/** The path of a file of the project. */
export const fileOf = (/** @type {string} */ path) => fileURLToPath(new URL(path, root))

/** The folders that the bundle is made of. The package has none of them. */
const sourceFolders = ['src', 'demo', 'simulator']

/** The latest time that anything below a folder was written, in ms. The folder's own time shows that a file was removed. */
function newest(/** @type {string} */ folder) {
  let time = statSync(folder).mtimeMs
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}

/** The file to run. */
export function entryPoint() {
  const bundle = fileOf('dist/main.js')
  const sources = sourceFolders.map(fileOf).filter((folder) => existsSync(folder))
  if (sources.length === 0) return bundle
  const isCurrent = existsSync(bundle) && statSync(bundle).mtimeMs >= Math.max(...sources.map(newest))
  return isCurrent ? bundle : fileOf('src/main.ts')
}
