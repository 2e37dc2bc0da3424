/**
 * Compares Biome's import rules with the room table of docs/architecture.md, by linting one import of every room from
 * every room.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

/** Importable things by room, as the table says: `cli` or `families/built-in-resources.ts`. */
const allowed = new Map(
  readFileSync(join(project, 'docs/architecture.md'), 'utf8')
    .split('\n')
    .map((line) => line.match(/^\| `([^`]+)` \|.*\|([^|]*)\|$/))
    .filter((match) => match !== null)
    .map(([, room, targets]) => [room!.replace('/', ''), [...targets!.matchAll(/`([^`]+)`/g)].map((m) => m[1]!)]),
)
const rooms = [...allowed.keys()].filter((room) => room !== 'main.ts')
const targets = [
  'index.ts',
  'main.ts',
  ...rooms.flatMap((room) => [`${room}/x.ts`, `${room}/deep/x.ts`]),
  'families/built-in-resources.ts',
  'families/label-sets.ts',
  'config/suggestion.ts',
  'selection/metric-pattern.ts',
  'runtime/engine.ts',
  'cli/command.ts',
  'demo/run-demo.ts',
]
const outside = ['test/x.ts', 'bench/x.ts', 'scripts/x.js']
const forms = [
  (path: string) => `import type { A } from '${path}'`,
  (path: string) => `import { a } from '${path}'`,
  (path: string) => `import '${path}'`,
  (path: string) => `export { a } from '${path}'`,
  (path: string) => `await import('${path}')`,
]

type Probe = { file: string; expected: string[]; text: string }

/** Rooms that stand beside `src/`, not in it. */
const besideSource = ['simulator', 'demo']
const pathOf = (target: string) => (besideSource.includes(target.split('/')[0]!) ? target : `src/${target}`)

function probe(file: string, room: string): Probe {
  const relativeTo = (path: string) => {
    const way = relative(dirname(file), path)
    return way.startsWith('.') ? way : `./${way}`
  }
  const own = room === 'main.ts' ? 'main.ts' : `${room}/`
  const may = (target: string) =>
    target.startsWith(own) || allowed.get(room)!.some((it) => target === it || target.startsWith(`${it}/`))
  const lines = [
    ...targets.map((target) => ({ path: relativeTo(pathOf(target)), permitted: may(target) })),
    ...(room === 'main.ts' ? [] : outside.map((target) => ({ path: relativeTo(target), permitted: false }))),
    { path: `some-package/${room === 'push' ? 'encoding' : 'push'}/x.js`, permitted: true },
    { path: 'node:fs', permitted: true },
  ].flatMap(({ path, permitted }) => forms.map((form) => ({ text: form(path), permitted })))
  return {
    file,
    text: lines.map((line) => line.text).join('\n'),
    expected: lines.filter((line) => !line.permitted).map((line) => line.text),
  }
}

const probes = [
  ...rooms.flatMap((room) => [probe(`${pathOf(room)}/probe.ts`, room), probe(`${pathOf(room)}/nested/probe.ts`, room)]),
  probe('src/main.ts', 'main.ts'),
]

/** Runs Biome over a folder and returns the lines it complains about, by file. */
async function lint(folder: string, rule: string): Promise<Map<string, string[]>> {
  const biome = join(project, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', `--only=${rule}`, '--reporter=json', '--max-diagnostics=none', '.']
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }, (_error, out) => resolve(out))
  })
  const report = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{'))!)
  expect(report.summary.diagnosticsNotPrinted).toBe(0)
  const found = new Map<string, string[]>()
  for (const { category, location } of report.diagnostics) {
    expect(category).toBe(`lint/${rule}`)
    const text = readFileSync(join(folder, location.path), 'utf8').split('\n')[location.start.line - 1]!
    found.set(location.path, [...(found.get(location.path) ?? []), text])
  }
  return found
}

describe('the room table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'room-table-'))
  let found: Map<string, string[]>

  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  beforeAll(async () => {
    for (const file of ['biome.json', '.gitignore']) cpSync(join(project, file), join(folder, file))
    for (const { file, text } of probes) write(file, text)
    found = await lint(folder, 'style/noRestrictedImports')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('names every room that exists', () => {
    expect(rooms).toHaveLength(19)
    const folders = readdirSync(join(project, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(rooms).toEqual(expect.arrayContaining(folders.map((entry) => entry.name)))
  })

  test.each(probes)('$file may import what the table says and nothing else', ({ file, expected }) => {
    expect(expected.length).toBeGreaterThan(0)
    expect(found.get(file)?.sort()).toEqual(expected.sort())
  })

  test('has no way round it by a cycle', async () => {
    rmSync(join(folder, 'src'), { recursive: true })
    write('src/encoding/a.ts', "import { b } from './b.ts'\nexport const a = () => b\n")
    write('src/encoding/b.ts', "import { a } from './a.ts'\nexport const b = () => a\n")
    expect([...(await lint(folder, 'suspicious/noImportCycles')).keys()].sort()).toEqual([
      'src/encoding/a.ts',
      'src/encoding/b.ts',
    ])
  })
})
