/** The bundle of program and library: its entry points, its form, and its graph of chunks. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { kubeConfigAlone } from './kube-config-alone.js'
import { lazyHttp } from './lazy-http.js'
import { root } from './programs.js'
import { unusedPackages } from './unused-packages.js'

const library = 'src/index.ts'
/** Whether the project has a library beside the program. */
export const hasLibrary = existsSync(join(root, library))

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

/**
 * Bundles all entry points, with separate chunks for lazy imports. `write: false` only analyses.
 *
 * @param {{ write: boolean }} options
 * @returns {Promise<import('esbuild').Metafile>} the chunks with their inputs and imports
 */
export async function bundle({ write }) {
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
    // V8 keeps the source of a program: without white space half as much, and one byte a character as long as all are ASCII.
    minifyWhitespace: true,
    lineLimit: 200,
    charset: 'ascii',
    banner: { js: commonJsScope },
    plugins: [refuseLazyPackages, kubeConfigAlone, lazyHttp, unusedPackages],
    legalComments: 'none',
    metafile: true,
    write,
    logLevel: 'warning',
  })
  if (write) for (const file of Object.keys(metafile.outputs)) escapeFile(join(root, file))
  return metafile
}

/** Regular expressions are what `charset` leaves as it is. */
function escapeFile(/** @type {string} */ file) {
  writeFileSync(file, toAscii(readFileSync(file, 'utf8')))
}

/** The same program. In strings and regular expressions an escape means the character. */
export function toAscii(/** @type {string} */ program) {
  return program.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
