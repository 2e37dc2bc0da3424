/** Runs `node ...arguments` on the project's own Node.js 24, with the dependencies installed: the start of every npm script. */
import { execNode } from '../bin/exec-node.js'
import { ensureInstall, nodePath } from './ensure-install.js'

ensureInstall()
const error = await execNode(nodePath, process.argv.slice(2))
console.error(`Cannot start ${nodePath}: ${error.message}`)
process.exitCode = 1
