/** Builds dist: program and library as one tree-shaken bundle, the library's types, the licences of what is bundled. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './programs.js'

const library = 'src/index.ts'
const hasLibrary = existsSync(join(root, library))

/** What CommonJS packages expect to find in their scope: they are bundled into ES modules, which have none of it. */
const commonJsScope = `
import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname
`.trim()

/**
 * A package in CommonJS that is imported lazily has its named exports in the sources, but none in the bundle: refused
 * here, since no test of the sources would notice.
 *
 * @type {import('esbuild').Plugin}
 */
const refuseLazyPackages = {
  name: 'refuse-lazy-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ kind, path, importer }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:') || importer.includes('node_modules')) return null
      return { errors: [{ text: `import('${path}'): import lazily a file of ours that imports the package as usual` }] }
    })
  },
}

/** Bundles every entry point, with parts of their own for what is imported lazily. Returns the bundled files' paths. */
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
    // ES modules shake, the CommonJS that packages offer Node.js beside them does not.
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
// esbuild has printed its errors by then, each with its place in the sources.
const files = await bundle().catch(() => process.exit(1))
const licences = licencesOf(files)
writeFileSync(join(root, 'dist/third-party-licences.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
if (hasLibrary && !run(['node_modules/typescript/bin/tsc', '--project', 'tsconfig.types.json'])) process.exitCode = 1
