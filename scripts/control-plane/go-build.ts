/** Builds the programs of a source with Go, in a temporary module, and moves them to their folder. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { collectorManifest, kubernetesModule, moduleOf } from './go-module.ts'
import type { GoSource } from './go-sources.ts'
import { goVersion } from './go-sources.ts'

const progressMs = 30_000
/** Lines of Go's output that a failure shows. */
const lastLines = 20

/** The variables of the user's shell that would change what is built. */
const goEnvironment = { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod -buildvcs=false' }

/** Output of `go version`; undefined without Go. */
export function askGo(): string | undefined {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Builds all programs of the source into `folder`, which appears only when it is complete. Reports progress by `report`. */
export async function buildSource(source: GoSource, folder: string, report: (line: string) => void): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.building-`)
  const output = join(work, 'bin')
  try {
    mkdirSync(output)
    writeFileSync(join(work, 'go.mod'), await moduleText(source))
    const commands = source.components === undefined ? [buildCommand(source, output)] : collectorCommands(source, work)
    for (const command of commands) await runGo(command, work, (line) => report(`${source.name}: ${line}`))
    rmSync(folder, { recursive: true, force: true })
    renameSync(output, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function moduleText(source: GoSource): Promise<string> {
  if (source.isKubernetes === undefined) return moduleOf(source, goVersion.needed)
  const answer = spawnSync('go', ['mod', 'download', '-json', `${source.module}@${source.version}`], {
    encoding: 'utf8',
    env: goEnvironment,
  })
  const { GoMod, Error: failure } = JSON.parse(answer.stdout || '{}') as { GoMod?: string; Error?: string }
  if (GoMod === undefined) throw new Error(`cannot download ${source.module}: ${failure ?? answer.stderr}`)
  return kubernetesModule(source.version, readFileSync(GoMod, 'utf8'))
}

/** `go build -o a/folder/` names a program after its package, which is not the program's name for etcd. */
function buildCommand({ packages, tags = [], variables = {} }: GoSource, output: string): readonly string[] {
  const linked = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)
  const entries = Object.entries(packages)
  const [program = ''] = entries.length === 1 ? Object.keys(packages) : []
  return [
    'build',
    `-tags=${tags.join(',')}`,
    `-ldflags=${['-s', '-w', ...linked].join(' ')}`,
    '-o',
    `${output}/${program}`,
    ...Object.values(packages),
  ]
}

function collectorCommands(source: GoSource, work: string): readonly (readonly string[])[] {
  const manifest = join(work, 'manifest.yaml')
  writeFileSync(manifest, collectorManifest(source, join(work, 'generated')))
  const [builder = ''] = Object.values(source.packages)
  return [
    ['run', builder, '--config', manifest, '--skip-compilation'],
    ['-C', join(work, 'generated'), 'build', '-ldflags=-s -w', '-o', join(work, 'bin/otelcol'), '.'],
  ]
}

/** Rejects with the last lines of Go's output when it fails. */
async function runGo(words: readonly string[], cwd: string, report: (line: string) => void): Promise<void> {
  const startedMs = performance.now()
  const child = spawn('go', words, { cwd, env: goEnvironment, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => void lines.push(line))
  }
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    const downloads = lines.filter((line) => line.startsWith('go: downloading')).length
    report(`${seconds} s, ${downloads} modules downloaded`)
  }, progressMs)
  try {
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`go ${words.join(' ')} failed:\n${lines.slice(-lastLines).join('\n')}`)
  } finally {
    clearInterval(timer)
  }
}
