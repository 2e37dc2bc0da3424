/** Runs the program for tests: as a process of its own, or within this one if only the output is tested. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runCommandLine } from '../../src/cli/commands.ts'

export interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const main = join(import.meta.dirname, '../../src/main.ts')

/** A process of `kube-state-otlp args`, with nothing of our environment but the path, fed `input`, until it ends. */
export async function runProgram(args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const { PATH } = process.env
  const child = spawn(process.execPath, [main, ...args], { env: { PATH, ...env } })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

/** As `runProgram`, behind a pipe of the shell that is empty at first and takes the file in pieces. */
export async function runBehindPipe(args: readonly string[], file: string): Promise<Ending> {
  const feed = '(sleep 1; head -c 20 "$0"; sleep 1; tail -c +21 "$0") | exec "$@"'
  const { PATH } = process.env
  const child = spawn('sh', ['-c', feed, file, process.execPath, main, ...args], { env: { PATH }, stdio: 'pipe' })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

/** The same command line without a process: far cheaper. */
export async function runWithin(
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<Ending> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const run = runCommandLine(args, {
    version: '0.0.0-test',
    env,
    stdin: () => Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    readFile: (path) => readFileSync(path, 'utf8'),
    signal: new AbortController().signal,
  }).finally(() => {
    stdout.end()
    stderr.end()
  })
  const [code, out, err] = await Promise.all([run, text(stdout), text(stderr)])
  return { code, stdout: out, stderr: err }
}
