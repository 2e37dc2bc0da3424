#!/usr/bin/env node
/** Starts the program: the bundle, or in a checkout newer than its bundle the sources, on Node.js 24 or newer. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { execNode } from './exec-node.js'

const root = new URL('../', import.meta.url)
const fileOf = (/** @type {string} */ path) => fileURLToPath(new URL(path, root))

/** The latest time anything below a folder was written, in ms; a folder's own time tells of files taken away. */
function newest(/** @type {string} */ folder) {
  let time = statSync(folder).mtimeMs
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}

function entryPoint() {
  const bundle = fileOf('dist/main.js')
  const sources = fileOf('src')
  if (!existsSync(sources)) return bundle
  const isCurrent = existsSync(bundle) && statSync(bundle).mtimeMs >= newest(sources)
  return isCurrent ? bundle : fileOf('src/main.ts')
}

const main = entryPoint()
if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import(pathToFileURL(main).href)
} else {
  const error = await execNode(fileOf('node_modules/.bin/node'), [main, ...process.argv.slice(2)])
  const why = 'code' in error && error.code === 'ENOENT' ? '' : ` (${error.message})`
  console.error(`kube-state-otlp needs Node.js 24 or newer, this is ${process.versions.node}${why}
  without installing Node.js:  npx --package=node@24 --package=kube-state-otlp -- kube-state-otlp --help
  in a checkout:               npm ci
  on a cluster:                the container image, which has its own Node.js (docs/deploying.md)`)
  process.exitCode = 1
}
