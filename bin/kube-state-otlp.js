#!/usr/bin/env node
/** Starts the program: the bundle, or in a checkout newer than its bundle the sources, on Node.js 24 or newer. */
import { pathToFileURL } from 'node:url'
import { entryPoint, fileOf } from './entry-point.js'
import { execNode } from './exec-node.js'

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
