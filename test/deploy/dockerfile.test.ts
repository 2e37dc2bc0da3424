/**
 * The Dockerfile, as far as it can be tested without a Docker engine: every stage and file that it copies exists and is sent to
 * the builder, and its entry point runs, alone in a folder, with the heap limit that it sets.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Instruction {
  readonly name: string
  readonly flags: Readonly<Record<string, string>>
  readonly words: readonly string[]
}

/** Without comments and continuations, with flags apart. */
function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [name = '', ...words] = line.trim().split(/\s+/)
    const flags = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('='))
    return { name, flags: Object.fromEntries(flags), words: words.filter((word) => !word.startsWith('--')) }
  })
}

const instructions = parseDockerfile(readFileSync('deploy/Dockerfile', 'utf8'))
const stages: Instruction[][] = []
for (const instruction of instructions) {
  if (instruction.name === 'FROM') stages.push([])
  stages.at(-1)?.push(instruction)
}
const image = stages.at(-1) ?? []
const wordsOf = (name: string) => image.filter((instruction) => instruction.name === name).map(({ words }) => words)
/** Paths that are copied from the project, not from another stage. */
const copied = instructions
  .filter(({ name, flags }) => name === 'COPY' && flags.from === undefined)
  .flatMap(({ words }) => words.slice(0, -1).map((word) => word.replace('./', '')))
const jsonOf = (name: string) => JSON.parse(wordsOf(name)[0]?.join(' ') ?? 'null') as string[]

describe('the Dockerfile', () => {
  it('copies from stages that exist before', () => {
    const seen = new Set<string>()
    for (const { name, flags, words } of instructions) {
      if (name === 'COPY' && flags.from !== undefined) expect(seen).toContain(flags.from)
      if (name === 'FROM' && words[1] === 'AS') seen.add(words[2] ?? '')
    }
    expect([...seen]).toEqual(['build', 'node'])
  })

  it('copies what the project has and the ignore file lets through', () => {
    const sent = readFileSync('deploy/Dockerfile.dockerignore', 'utf8').match(/(?<=^!).+$/gm) ?? []
    expect([...sent].sort()).toEqual([...copied].sort())
    for (const path of copied) expect(existsSync(path), path).toBe(true)
  })

  it('uses official images by their names alone, of the Node.js that the project is made for', () => {
    const args = instructions.filter(({ name }) => name === 'ARG').map(({ words }) => words.join(' ').split('='))
    const resolveArgs = (text: string) => text.replaceAll(/\$\{(\w+)\}/g, (_, name) => Object.fromEntries(args)[name])
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ words }) => resolveArgs(words[0] ?? ''))
    expect(bases).toEqual(['node:24-slim', expect.stringMatching(/^node:24-alpine3\.\d+$/), 'scratch'])
  })

  it('builds once for all platforms, and runs nothing in what is of a platform', () => {
    expect(stages[0]?.[0]?.flags.platform).toBe('$BUILDPLATFORM')
    for (const stage of stages.slice(1)) expect(stage.filter(({ name }) => name === 'RUN')).toEqual([])
  })

  it('has no shell and no package manager: Node.js, the libraries that it needs, and files of the project', () => {
    const paths = image.filter(({ name }) => name === 'COPY').flatMap(({ words }) => words.slice(0, -1))
    expect(paths).toEqual([
      '/usr/local/bin/node',
      '/lib/ld-musl-*.so.1',
      ...['/usr/lib/libgcc_s.so.1', '/usr/lib/libstdc++.so.6', '/src/dist', 'LICENSE'],
    ])
  })

  it('is not root, by number', () => {
    expect(wordsOf('USER')).toEqual([[expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]])
    const names = image.map(({ name }) => name)
    expect(names.indexOf('USER')).toBeGreaterThan(names.lastIndexOf('COPY'))
  })
})

describe('what the image starts', () => {
  // A value with spaces stands in quotes.
  const assignments =
    wordsOf('ENV')[0]
      ?.join(' ')
      .match(/\w+=(?:"[^"]*"|\S*)/g) ?? []
  const env = Object.fromEntries(assignments.map((text) => text.replaceAll('"', '').split(/=(.*)/s)))

  it('is built from what is copied, and needs nothing beside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'image-'))
    try {
      for (const path of copied) cpSync(path, join(folder, 'src', path), { recursive: true })
      symlinkSync(resolve('node_modules'), join(folder, 'src/node_modules'))
      execFileSync(process.execPath, ['scripts/build.js'], { cwd: join(folder, 'src'), stdio: 'pipe' })
      cpSync(join(folder, 'src/dist'), join(folder, 'app/dist'), { recursive: true })
      rmSync(join(folder, 'src'), { recursive: true })
      const [node, main = ''] = jsonOf('ENTRYPOINT')
      const [copiedNode] = image.find(({ flags }) => flags.from === 'node')?.words.slice(-1) ?? []
      expect(node).toBe(copiedNode)
      const run = (...args: string[]) =>
        execFileSync(process.execPath, [join(folder, main), ...args], { cwd: folder, env, encoding: 'utf8' })
      expect(run('version')).toMatch(/^kube-state-otlp \d+\.\d+\.\d+ \(Node\.js 24\./)
      expect(run('rbac')).toContain('kind: ClusterRole')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 300_000)

  it('takes the heap that the image asks for', () => {
    const limitOf = (options: string) =>
      Number(
        execFileSync(process.execPath, ['-p', 'v8.getHeapStatistics().heap_size_limit'], {
          env: { NODE_OPTIONS: options },
          encoding: 'utf8',
        }),
      )
    const options = env.NODE_OPTIONS ?? ''
    expect(options).toContain('=50')
    const half = limitOf(options)
    // The young generation comes on top of the old one that the percentage is of.
    expect(limitOf(options.replace('=50', '=25')) / half).toBeCloseTo(0.5, 1)
  })
})
