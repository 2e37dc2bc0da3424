/** Builds dist: program and library as one tree-shaken bundle, the types of the library, licences and bill of materials of bundled packages. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledPackages, renderBillOfMaterials } from './bill-of-materials.js'
import { bundle, hasLibrary } from './bundle.js'
import { root, run } from './programs.js'

/** The licence texts of packages, one after the other. */
function licencesOf(/** @type {readonly import('./bill-of-materials.js').Package[]} */ packages) {
  return packages.map(({ folder, name, version, license }) => {
    const texts = readdirSync(join(root, folder))
      .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
      .map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...texts].join('\n\n')
  })
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
// esbuild has already printed its errors with their positions.
const metafile = await bundle({ write: true }).catch(() => process.exit(1))
const packages = bundledPackages(metafile)
const licences = licencesOf(packages)
writeFileSync(join(root, 'dist/third-party-licences.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
writeFileSync(join(root, 'dist/sbom.cdx.json'), renderBillOfMaterials(packages))
if (hasLibrary && !run(['node_modules/typescript/bin/tsc', '--project', 'tsconfig.types.json'])) process.exitCode = 1
