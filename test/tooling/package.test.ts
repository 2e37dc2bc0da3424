/** The npm package: it is built before it is packed, and its types need no other packages. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const packageJson = JSON.parse(readFileSync('package.json', 'utf8'))

test('is built before it is packed, since a fresh checkout has no dist', () => {
  expect(packageJson.scripts.prepack).toBe('npm run build')
  expect(packageJson.files).toContain('dist')
})

test("the library's types name no package that is not installed with it, types included", () => {
  const folder = mkdtempSync(join(tmpdir(), 'types-'))
  try {
    const tsc = ['node_modules/typescript/bin/tsc', '--project', 'tsconfig.types.json', '--outDir', folder]
    execFileSync(process.execPath, tsc, { stdio: 'pipe' })
    const packages = packagesNamedFrom(join(folder, 'index.d.ts'))
    // Everything else is in the bundle: who installs the package installs nothing for it.
    expect(Object.keys(packageJson.dependencies).sort()).toEqual(packages.sort())
    for (const name of packages) {
      expect(bringsTypes(name), `${name} brings its own types`).toBe(true)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

test('packs every file that a page of the package links to', () => {
  const packed = new Set(packedFiles())
  const folders = new Set([...packed].flatMap((file) => [dirname(file), dirname(dirname(file))]))
  const pages = [...packed].filter((file) => /\.md$/.test(file))
  expect(pages).toContain('README.md')
  expect(pages.length).toBeGreaterThan(40)
  const missing = pages.flatMap((page) =>
    linksOf(page)
      .filter((file) => !packed.has(file) && !folders.has(file))
      .map((file) => `${page}: ${file}`),
  )
  // Sources are in the repository alone.
  expect(
    missing.filter((link) => !/: (\.changeset|\.github|src|test|simulator|demo|bench|scripts)\//.test(link)),
  ).toEqual([])
  expect(missing.filter((link) => link.startsWith('README.md: '))).toEqual([])
})

test('says where it comes from', () => {
  expect(packageJson.repository.url).toMatch(/^git\+https:\/\//)
  expect(packageJson.keywords).toEqual(expect.arrayContaining(['kubernetes', 'kube-state-metrics', 'otlp']))
})

function packedFiles(): string[] {
  const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ files }] = JSON.parse(report)
  return files.map(({ path }: { path: string }) => path)
}

/** The files and folders of the project that a page links to. */
function linksOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target))
}

/** The packages that a declaration file imports, and all that it reaches. */
function packagesNamedFrom(entry: string): string[] {
  const files = new Set([entry])
  const packages = new Set<string>()
  for (const file of files) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name.replace(/\.ts$/, '.d.ts')))
      else if (!isBuiltin(name)) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)
    }
  }
  return [...packages]
}

function bringsTypes(name: string): boolean {
  const { types, typings, exports } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))
  return types !== undefined || typings !== undefined || JSON.stringify(exports ?? '').includes('"types"')
}
