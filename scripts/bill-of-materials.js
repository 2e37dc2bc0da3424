/** The packages of which anything is in the bundle, and the bill of materials (CycloneDX 1.6) that lists them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './programs.js'

/**
 * @typedef {object} Package
 * @property {string} folder below the root of the project
 * @property {string} name
 * @property {string} version
 * @property {string} license as an SPDX expression
 */

const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** @param {Pick<import('esbuild').Metafile, 'outputs'>} metafile @returns {Package[]} by folder */
export function bundledPackages({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
  const folders = files.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
  return [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = readJson(`${folder}/package.json`)
    return { folder, name, version, license }
  })
}

/** The text of the bill of materials: the same for the same lock file and bundle, so without time and serial number. */
export function renderBillOfMaterials(/** @type {readonly Package[]} */ packages) {
  const { packages: locked } = readJson('package-lock.json')
  const program = readJson('package.json')
  const components = packages.map((each) => ({
    ...componentOf('library', each),
    hashes: hashesOf(locked[each.folder]?.integrity),
  }))
  const component = componentOf('application', program)
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component },
    components,
    dependencies: [{ ref: component['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }],
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

function componentOf(
  /** @type {'application' | 'library'} */ type,
  /** @type {Pick<Package, 'name' | 'version' | 'license'>} */ { name, version, license },
) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return { type, 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] }
}

/** `sha512-…` of a lock file, in base64, as hexadecimal digits. */
function hashesOf(/** @type {string | undefined} */ integrity) {
  if (integrity === undefined) return []
  const [algorithm = '', digest = ''] = integrity.split(/-(.*)/s)
  return [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }]
}
