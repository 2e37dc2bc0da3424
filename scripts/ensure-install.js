/** Installs the dependencies if they are missing or differ from package-lock.json. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Node.js 24 from the development dependencies, on which all scripts run. */
export const nodePath = join(root, 'node_modules/.bin/node')

/**
 * The record that npm writes to node_modules after an installation is compared with the lock file, so an
 * installation by hand is recognized and an interrupted one is not.
 */
function isInstalled() {
  const noted = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(noted) || !existsSync(nodePath)) return false
  const { '': _project, ...locked } = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(noted)
  const isSame = (/** @type {string} */ path) => installed[path]?.integrity === locked[path]?.integrity
  const isOptional = (/** @type {string} */ path) => !(path in installed) && locked[path]?.optional === true
  return Object.keys({ ...locked, ...installed }).every((path) => isOptional(path) || isSame(path))
}

/** @returns {Record<string, { integrity?: string, optional?: boolean }>} by path below the project */
function packagesOf(/** @type {string} */ file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Installs if necessary. Ends the process with npm's exit code on failure. */
export function ensureInstall() {
  if (isInstalled()) return
  console.error('Installing dependencies (npm ci) ...')
  // npm ci removes node_modules, so npm must not run on the Node.js in there, which npm scripts have first on their path.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).includes(`${sep}node_modules${sep}`))
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false'],
    {
      cwd: root,
      env: { ...process.env, PATH: path.join(delimiter) },
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    },
  )
  if (status === 0) return
  console.error(`Installing dependencies failed${error ? `: ${error.message}` : ''}`)
  process.exit(status ?? 1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstall()
