/**
 * The completion scripts: the one for bash runs in bash; those for zsh and fish are searched for the required names.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeFlags } from '../../src/config/flag-help.ts'
import { resourceNames } from '../../src/config/resource-names.ts'
import { runWithin } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'completion-'))
const script = join(folder, 'completion.bash')
afterAll(() => rmSync(folder, { recursive: true }))

const commandNames = [
  'run',
  'demo',
  'render',
  'compare',
  'cardinality',
  'config',
  'metrics',
  'rbac',
  'doctor',
  'completion',
  'version',
  'help',
]
const driver = `
source "$1"; shift
COMP_CWORD=$(( $# - 1 ))
COMP_WORDS=("$@")
function=$(complete -p kube-state-otlp | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function" 2>&1
printf '%s\\n' "\${COMPREPLY[@]}"
`

/** What bash completes for a line that ends at the cursor; words are split at `=`, as bash does by default. */
function complete(line: string, { breaksAtEquals = true } = {}): string[] {
  const words = line.split(' ').flatMap((word) => (breaksAtEquals ? word.split(/(=)/) : [word]))
  // An empty last piece is a word only where a blank stands before it.
  if (words.at(-1) === '' && !line.endsWith(' ')) words.pop()
  const answer = execFileSync('bash', ['--norc', '-c', driver, 'bash', script, ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  return answer.split('\n').filter((word) => word !== '')
}

beforeAll(async () => {
  const { code, stdout } = await runWithin(['completion', 'bash'])
  expect(code).toBe(0)
  writeFileSync(script, stdout)
  writeFileSync(join(folder, 'some file.yaml'), '')
  writeFileSync(join(folder, 'ksm.prom'), '')
})

const allConfigurationFlags = describeFlags().flatMap(({ flags }) => flags.map(({ flag }) => flag))

describe('bash', () => {
  test('completes commands in first place alone', () => {
    expect(complete('kube-state-otlp ')).toEqual(commandNames)
    expect(complete('kube-state-otlp re')).toEqual(['render'])
    expect(complete('kube-state-otlp render re')).toEqual([])
    expect(complete('kube-state-otlp help re')).toEqual(['render'])
  })

  test('completes every flag of the schema, with or without a command', () => {
    for (const line of ['kube-state-otlp --', 'kube-state-otlp config --']) {
      const flags = complete(line).map((flag) => flag.replace(/=$/, ''))
      expect(allConfigurationFlags.filter((flag) => !flags.includes(flag))).toEqual([])
    }
    expect(complete('kube-state-otlp --otlp-end')).toEqual(['--otlp-endpoint='])
    expect(complete('kube-state-otlp --kubernetes-p')).toEqual(['--kubernetes-protobuf', '--kubernetes-page-limit='])
  })

  test("completes a command's own options, which others lack", () => {
    expect(complete('kube-state-otlp compare --ag')).toEqual(['--against='])
    expect(complete('kube-state-otlp config --ag')).toEqual([])
    expect(complete('kube-state-otlp config --cha')).toEqual(['--changed'])
    expect(complete('kube-state-otlp completion --res')).toEqual([])
  })

  test('completes resources behind their flag, behind a comma too', () => {
    expect(complete('kube-state-otlp --resources=')).toEqual(resourceNames)
    expect(complete('kube-state-otlp --resources=po')).toEqual(['poddisruptionbudgets', 'pods'])
    expect(complete('kube-state-otlp rbac --resources=pods,nod')).toEqual(['pods,nodes'])
    expect(complete('kube-state-otlp metrics nod')).toEqual(['nodes'])
  })

  test('completes the words of a flag, its own for each command', () => {
    expect(complete('kube-state-otlp --log-level=')).toContain('debug')
    expect(complete('kube-state-otlp --otlp-compression=g')).toEqual(['gzip'])
    expect(complete('kube-state-otlp metrics --format=')).toEqual(['table', 'markdown', 'json'])
    expect(complete('kube-state-otlp compare --format=')).toEqual(['text', 'json'])
    expect(complete('kube-state-otlp --kubernetes-watch-list=f')).toEqual(['false'])
    expect(complete('kube-state-otlp completion z')).toEqual(['zsh'])
  })

  test('completes files where there are paths, and nothing where anything may stand', () => {
    expect(complete('kube-state-otlp render -f some')).toEqual(['some file.yaml'])
    expect(complete('kube-state-otlp compare --against=ksm')).toEqual(['ksm.prom'])
    expect(complete('kube-state-otlp --kubeconfig=no')).toEqual([])
    expect(complete('kube-state-otlp --port=')).toEqual([])
  })

  test('takes the value as a word of its own, and a shell that does not break at =', () => {
    expect(complete('kube-state-otlp --log-format j')).toEqual(['json'])
    const whole = { breaksAtEquals: false }
    expect(complete('kube-state-otlp --log-format=j', whole)).toEqual(['--log-format=json'])
    expect(complete('kube-state-otlp --resources=pods,nod', whole)).toEqual(['--resources=pods,nodes'])
  })
})

describe.each(['zsh', 'fish'])('%s', (shell) => {
  test('names every command and flag, the resources and the words of flags', async () => {
    const { code, stdout } = await runWithin(['completion', shell])
    expect(code).toBe(0)
    for (const name of commandNames) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`))
    for (const flag of allConfigurationFlags) expect(stdout).toContain(flag.slice(2))
    expect(stdout).toContain(resourceNames.join(' '))
    expect(stdout).toContain('trace debug info')
  })
})

test.each([
  [['completion'], /^kube-state-otlp: completion: expected bash or zsh or fish\n$/],
  [['completion', 'tcsh'], /^kube-state-otlp: completion: expected bash or zsh or fish, got "tcsh"\n$/],
])('%j is refused in one line', async (args, words) => {
  const { code, stdout, stderr } = await runWithin(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(words)
})
