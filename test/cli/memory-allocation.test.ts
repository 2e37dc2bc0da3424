/** The settings of glibc's memory allocator: a command that lasts starts again with them, once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StartedProcess } from '../../src/cli/memory-allocation.ts'
import { limitAllocator } from '../../src/cli/memory-allocation.ts'
import { runProgram } from './program.ts'

const secondStart = { ALLOCATOR_OF_KUBE_STATE_OTLP: '1' }
const settings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/** The file, arguments and environment of each `execve`. */
function callsOf(changes: Partial<StartedProcess>) {
  const calls: Parameters<NonNullable<StartedProcess['execve']>>[] = []
  const { execPath } = process
  const execve = (...call: (typeof calls)[number]) => void calls.push(call)
  const started = { argv: [execPath, 'main.js', 'run'], connected: false, env: { A: '1' }, execArgv: ['--no-warnings'] }
  limitAllocator({ ...started, execPath, execve: execve as never, platform: 'linux', ...changes })
  return calls
}

describe('a process', () => {
  test('is replaced by the same command with the settings in its environment', () => {
    const { execPath } = process
    const env = { A: '1', ...settings, ...secondStart }
    expect(callsOf({})).toEqual([[execPath, [execPath, '--no-warnings', 'main.js', 'run'], env]])
  })

  test.each([
    ['no command', []],
    ['flags before the command', ['--port=1', 'run']],
    ['demo', ['demo', '--pods=5']],
  ])('is replaced with %s', (_, words) => {
    expect(callsOf({ argv: ['node', 'main.js', ...words] })).toHaveLength(1)
  })

  test.each<[string, Partial<StartedProcess>]>([
    ['a command that answers once', { argv: ['node', 'main.js', 'render', '-f', 'a.yaml'] }],
    ['another system', { platform: 'darwin' }],
    ['a setting of the operator', { env: { MALLOC_ARENA_MAX: '8' } }],
    ['a channel to the parent, which would be lost', { connected: true }],
    ['a debugger', { execArgv: ['--inspect-brk'] }],
    ['a debugger by NODE_OPTIONS', { env: { NODE_OPTIONS: '--inspect=9230' } }],
    ['an open file in a flag', { argv: ['node', 'main.js', '--config=/dev/fd/3'] }],
    ['an open file in a variable', { env: { KUBECONFIG: '/proc/self/fd/11' } }],
    ['the dynamic linker as the program', { execPath: '/lib64/ld-linux-x86-64.so.2' }],
    ['no execve', { execve: undefined }],
    ['a file of Node.js that is gone', { execPath: '/gone/node' }],
  ])('stays with %s', (_, changes) => expect(callsOf(changes)).toEqual([]))

  test('is not replaced again when glibc has removed the settings', () => {
    const env = { A: '1', ...secondStart }
    expect(callsOf({ env })).toEqual([])
    expect(env).toEqual({ A: '1' })
  })

  test('stays when Node.js refuses', () => {
    const execve = () => {
      throw new Error('Access to this API has been restricted')
    }
    expect(() =>
      limitAllocator({ ...process, argv: ['node', 'main.js'], env: {}, execve, platform: 'linux' }),
    ).not.toThrow()
  })
})

test.runIf(process.platform === 'linux')('the program starts again once, as the same process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-allocation-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const probe = join(folder, 'probe.cjs')
  writeFileSync(probe, 'console.error(process.pid, process.env.MALLOC_ARENA_MAX, process.argv.slice(2).join())')
  const { code, stdout, stderr } = await runProgram(['--version'], '', { NODE_OPTIONS: `--require=${probe}` })
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^kube-state-otlp \d/) })
  const [pid] = stderr.split(' ')
  expect(stderr).toBe(`${pid} undefined --version\n${pid} 1 --version\n`)
})
