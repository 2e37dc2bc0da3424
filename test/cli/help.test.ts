/** Help, version, and the error for an unknown command. */
import { describe, expect, test } from 'vitest'
import { publishedFlags } from '../../scripts/flag-page.ts'
import { describeFlags } from '../../src/config/flag-help.ts'
import { sections } from '../../src/config/schema.ts'
import { runWithin } from './program.ts'

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
]
const widest = 100

/** Examples stay whole, that they can be copied. */
const isExample = (line: string) => /^ {2}(#|kube-state-otlp|kubectl|source)/.test(line)

describe('--help', () => {
  test('shows commands, examples, the main flags, and how to list all flags', async () => {
    const { code, stdout, stderr } = await runWithin(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const name of commandNames) expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z]`, 'm'))
    expect(stdout).toContain('Examples:\n  # ')
    expect(stdout).toMatch(/^ {2}--otlp-endpoint </m)
    expect(stdout).toContain('kube-state-otlp help flags')
  })

  test.each(commandNames)('of %s shows its own options and few flags', async (name) => {
    const { stdout } = await runWithin([name, '--help'])
    expect(stdout.split('\n').length).toBeLessThan(60)
    expect([...stdout.matchAll(/^ {2}(-\w, )?--/gm)].length).toBeLessThan(20)
    if (name !== 'completion') expect(stdout).toContain('All flags: kube-state-otlp help flags')
  })

  test.each([[['help', 'flags']], [['flags', '--help']]])('%j shows every flag under its section', async (args) => {
    const { code, stdout } = await runWithin(args)
    expect(code).toBe(0)
    for (const { title } of sections) expect(stdout).toMatch(new RegExp(`^${title}:\n  --`, 'm'))
    for (const { flags } of describeFlags())
      for (const { flag } of flags) expect(stdout).toMatch(new RegExp(`^  ${flag}( |$)`, 'm'))
    expect(stdout).toContain('Precedence, lowest first: default, environment, flags, file')
  })

  test('lists every flag of kube-state-metrics, whether supported, rejected or without effect', async () => {
    const [{ stdout }, overview] = await Promise.all([runWithin(['help', 'flags']), runWithin(['run', '--help'])])
    const words = new Set(`${stdout} ${overview.stdout}`.split(/[\s,]+/))
    const shown = ({ name }: { name: string }) => words.has(name.length === 1 ? `-${name}` : `--${name}`)
    expect(publishedFlags.filter((flag) => !shown(flag))).toEqual([])
  })

  test.each(['--help', ...commandNames])('%s fits a terminal and explains itself', async (name) => {
    const { code, stdout } = await runWithin(name === '--help' ? [name] : [name, '--help'])
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.length > widest && !isExample(line))).toEqual([])
    expect(lines.filter((line) => /\s$/.test(line))).toEqual([])
    expect(stdout).toContain('Usage: kube-state-otlp')
    expect(stdout).toContain('Examples:\n  # ')
  })

  test('is the same behind -h, by the command help, and for a flag before it', async () => {
    const [overview, rbac] = await Promise.all([runWithin(['--help']), runWithin(['rbac', '--help'])])
    expect(await runWithin(['help'])).toEqual(overview)
    expect(await runWithin(['-h'])).toEqual(overview)
    expect(await runWithin(['--port=1', '--help'])).toEqual(overview)
    expect(await runWithin(['help', 'rbac'])).toEqual(rbac)
    expect(await runWithin(['rbac', '--name=x', '-h'])).toEqual(rbac)
    expect(rbac.stdout).not.toBe(overview.stdout)
  })
})

test.each([['version'], ['--version']])('%s', async (word) => {
  expect((await runWithin([word])).stdout).toBe(`kube-state-otlp 0.0.0-test (Node.js ${process.versions.node})\n`)
})

test.each([
  [['rendr'], 'there is no command rendr; did you mean render?'],
  [['help', 'metric'], 'there is no command metric; did you mean metrics?'],
  [['xyz'], `there is no command xyz: the commands are ${[...commandNames, 'version', 'help'].join(', ')}`],
])('%j is refused', async (args, message) => {
  expect(await runWithin(args)).toEqual({ code: 2, stdout: '', stderr: `kube-state-otlp: ${message}\n` })
})
