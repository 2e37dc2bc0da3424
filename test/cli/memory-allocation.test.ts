/** The settings of glibc's memory allocator: a command that lasts starts again with them, once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StartedProcess } from '../../src/cli/memory-allocation.ts'
import { limitAllocator } from '../../src/cli/memory-allocation.ts'
import { runProgram } from './program.ts'

const settings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' }

/** The file, arguments and environment of each `execve`. */
function callsOf(changes: Partial<StartedProcess>) {
  const calls: Parameters<NonNullable<StartedProcess['execve']>>[] = []
  const { execPath } = process
  const execve = (...call: (typeof calls)[number]) => void calls.push(call)
  const started = { argv: [execPath, 'main.js', 'run'], connected: false, env: { A: '1' }, execArgv: ['--inspect'] }
  limitAllocator({ ...started, execPath, execve: execve as never, platform: 'linux', ...changes })
  return calls
}

describe('a process', () => {
  test('is replaced by the same command with the settings in its environment', () => {
    const { execPath } = process
    expect(callsOf({})).toEqual([[execPath, [execPath, '--inspect', 'main.js', 'run'], { A: '1', ...settings }]])
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
    ['no execve', { execve: undefined }],
    ['a file of Node.js that is gone', { execPath: '/gone/node' }],
  ])('stays with %s', (_, changes) => expect(callsOf(changes)).toEqual([]))

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
