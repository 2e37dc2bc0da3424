/** Builds dist: program and library as one tree-shaken bundle, the types of the library, and the licences of bundled packages. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, hasLibrary } from './bundle.js'
import { root, run } from './programs.js'

/** The paths of all files of which anything is in the bundle. */
function bundledFiles(/** @type {import('esbuild').Metafile} */ { outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
}

/** The licence texts of the packages that files belong to, one after the other. */
function licencesOf(/** @type {string[]} */ files) {
  const packages = files.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
  return [...new Set(packages)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const texts = readdirSync(join(root, folder))
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...texts].join('\n\n')
  })
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
// esbuild has already printed its errors with their positions.
const metafile = await bundle({ write: true }).catch(() => process.exit(1))
const licences = licencesOf(bundledFiles(metafile))
writeFileSync(join(root, 'dist/third-party-licences.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
if (hasLibrary && !run(['node_modules/typescript/bin/tsc', '--project', 'tsconfig.types.json'])) process.exitCode = 1
