/** `npm run demo`: the demo from the bundle, which takes 80 MB less memory than the sources. Bundles first if they are newer. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { entryPoint } from '../bin/entry-point.js'
import { execNode } from '../bin/exec-node.js'
import { root } from './programs.js'

const main = join(root, 'dist/main.js')
if (entryPoint() !== main) {
  console.error('Bundling the sources ...')
  const { bundle } = await import('./bundle.js')
  // Chunks have digests in their names: the former ones would stay.
  rmSync(join(root, 'dist/chunks'), { recursive: true, force: true })
  // esbuild has already printed its errors with their positions.
  await bundle({ write: true }).catch(() => process.exit(1))
}
const error = await execNode(process.execPath, [main, 'demo', ...process.argv.slice(2)])
console.error(`Cannot start ${process.execPath}: ${error.message}`)
process.exitCode = 1
