/** How `npx kube-state-otlp` finds the right Node.js and the right code, also on an old Node.js. */

import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')

/** Makes a Node.js say it is older than it is, in its version and in what it cannot do. */
const pretendNode20 = `--import=data:text/javascript,${encodeURIComponent(`
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })
  process.execve = undefined
`)}`
/** A program that tells where it is from and what it was given, then ends as its first argument says. */
const program = (name: string) => `
  const [how, ...rest] = process.argv.slice(2)
  if (how === 'exit') process.exitCode = Number(rest[0])
  if (how === 'echo') process.stdin.on('data', (chunk) => process.stdout.write(chunk))
  if (how === 'catch') process.on('SIGTERM', () => { console.log('caught'); process.exit(7) })
  if (how === 'catch' || how === 'wait') setInterval(() => {}, 1000)
  console.log('${name}', process.versions.node.split('.')[0] >= 24, JSON.stringify(rest))
`

let checkout: string
const put = (file: string, content: string, modifiedMs: number) => {
  const path = join(checkout, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  utimesSync(path, modifiedMs / 1000, modifiedMs / 1000)
  utimesSync(dirname(path), modifiedMs / 1000, modifiedMs / 1000)
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'launch-'))
  cpSync(join(project, 'bin'), join(checkout, 'bin'), { recursive: true })
  put('package.json', '{ "type": "module" }', 1_000)
  put('src/main.ts', `const typed: string = ''\n${program('src')}`, 2_000)
  put('node_modules/.bin/x', '', 0)
  symlinkSync(process.execPath, join(checkout, 'node_modules/.bin/node'))
})
afterEach(() => rmSync(checkout, { recursive: true }))

function launch(options: string[], args: string[]): ChildProcess {
  return spawn(process.execPath, [...options, 'bin/kube-state-otlp.js', ...args], { cwd: checkout, stdio: 'pipe' })
}

/** Waits for the end of a process: what it wrote, its exit code or the signal it died of. */
async function ending(child: ChildProcess) {
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { out, err, code, signal }
}

describe.each([
  { host: 'Node.js 24', options: [] },
  { host: 'Node.js 20', options: [pretendNode20] },
])('on $host', ({ options }) => {
  const start = (...args: string[]) => launch(options, args)

  test('runs the sources where nothing is built', async () => {
    expect(await ending(start('say', 'a b', '--c'))).toMatchObject({
      out: 'src true ["a b","--c"]\n',
      err: '',
      code: 0,
    })
  })

  test('runs the bundle when it is newer than the sources, and the sources when one is newer', async () => {
    put('dist/main.js', program('dist'), 3_000)
    expect((await ending(start())).out).toMatch(/^dist true/)
    put('src/room/deep/file.ts', '', 4_000)
    expect((await ending(start())).out).toMatch(/^src true/)
  })

  test('runs the bundle where there are no sources', async () => {
    put('dist/main.js', program('dist'), 3_000)
    rmSync(join(checkout, 'src'), { recursive: true })
    expect((await ending(start())).out).toMatch(/^dist true/)
  })

  test('keeps the exit code', async () => {
    expect(await ending(start('exit', '2'))).toMatchObject({ code: 2, signal: null })
  })

  test('keeps standard input', async () => {
    const child = start('echo')
    child.stdin!.end('through')
    expect((await ending(child)).out).toBe('src true []\nthrough')
  })

  test('passes a signal on, and lets the program end in its own way', async () => {
    const child = start('catch')
    child.stdout!.once('data', () => child.kill('SIGTERM'))
    expect(await ending(child)).toMatchObject({ out: expect.stringMatching(/caught\n$/), code: 7, signal: null })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('dies of %s as the program did', async (signal) => {
    const child = start('wait')
    child.stdout!.once('data', () => child.kill(signal))
    expect(await ending(child)).toMatchObject({ code: null, signal })
  })
})

test('on Node.js 20 with nothing installed the error names what is missing and what to do', async () => {
  rmSync(join(checkout, 'node_modules'), { recursive: true })
  const { err, code } = await ending(launch([pretendNode20], []))
  expect(err).toMatch(/^kube-state-otlp needs Node\.js 24 or newer, this is 20\.19\.0\n/)
  expect(err).toContain('npx --package=node@24 --package=kube-state-otlp -- kube-state-otlp')
  expect(err).toContain('npm ci')
  expect(err.trimEnd().split('\n')).toHaveLength(4)
  expect(code).toBe(1)
})

test('this project: answers --version with the version of package.json', () => {
  const bin = join(project, 'bin/kube-state-otlp.js')
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  expect(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })).toContain(version)
})

test('tests run on Node.js 24 or newer', () => {
  expect(Number.parseInt(process.versions.node, 10)).toBeGreaterThanOrEqual(24)
})
