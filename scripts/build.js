/** Builds dist: program and library as one tree-shaken bundle, the types of the library, and the licences of bundled packages. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './programs.js'

const library = 'src/index.ts'
const hasLibrary = existsSync(join(root, library))

/** The globals that CommonJS packages need, which ES modules do not have. */
const commonJsScope = `
import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname
`.trim()

/**
 * A CommonJS package that is imported lazily loses its named exports in the bundle, but not in the sources. It is an error
 * here, because tests of the sources would not notice.
 *
 * @type {import('esbuild').Plugin}
 */
const refuseLazyPackages = {
  name: 'refuse-lazy-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ kind, path, importer }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:') || importer.includes('node_modules')) return null
      return {
        errors: [
          { text: `import('${path}'): lazily import a file of this project that imports the package statically` },
        ],
      }
    })
  },
}

/** Bundles all entry points, with separate chunks for lazy imports. Returns the paths of the bundled files. */
async function bundle() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts', ...(hasLibrary ? [library] : [])],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    // Only ES modules can be tree-shaken, not the CommonJS variants that packages offer for Node.js.
    mainFields: ['module', 'main'],
    target: 'node24',
    treeShaking: true,
    banner: { js: commonJsScope },
    plugins: [refuseLazyPackages],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  const inOutputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return inOutputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
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
const files = await bundle().catch(() => process.exit(1))
const licences = licencesOf(files)
writeFileSync(join(root, 'dist/third-party-licences.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
if (hasLibrary && !run(['node_modules/typescript/bin/tsc', '--project', 'tsconfig.types.json'])) process.exitCode = 1
