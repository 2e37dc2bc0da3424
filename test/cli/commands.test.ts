/** One command line: flags of the configuration and options of commands in any order, declared once. */
import { describe, expect, test } from 'vitest'
import type { CommandOptions } from '../../src/cli/command.ts'
import { allFlags, commands } from '../../src/cli/commands.ts'
import { demoCommand, demoSettings } from '../../src/cli/demo-command.ts'
import { configurationFlags } from '../../src/config/layers/flags.ts'
import { runWithin } from './program.ts'

describe('the order of arguments', () => {
  const changed = (shard: string) => ({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(new RegExp(`shard +${shard}`)),
  })

  test.each([
    [['config', '--changed', '--shard=1', '--total-shards=2']],
    [['config', '--shard=1', '--total-shards=2', '--changed']],
    [['config', '--shard', '1', '--total-shards', '2', '--changed']],
    [['--shard=1', '--total-shards=2', 'config', '--changed']],
    [['--shard=1', '--changed', 'config', '--total-shards=2']],
    [['config', '--changed=true', '--shard=1', '--total-shards=2']],
  ])('%j', async (args) => {
    const ending = await runWithin(args)
    expect(ending).toMatchObject(changed('1'))
    expect(ending.stdout.split('\n')).toHaveLength(3)
  })

  test('a switch may be turned off', async () => {
    expect(await runWithin(['config', '--changed=false'])).toEqual(await runWithin(['config']))
  })
})

test.each([[['--help=false']], [['-h=false']]])('%j of kube-state-metrics changes nothing', async (flags) => {
  expect(await runWithin(['config', ...flags])).toEqual(await runWithin(['config']))
})

test.each([
  [['render', '--changed'], '--changed: expected with config, not with render'],
  [['--changed', '--kubeconfig=/none'], '--changed: expected with config, not with run'],
  [['metrics', '-f', 'x'], '-f: expected with render or compare or cardinality or rbac, not with metrics'],
  [['config', 'words'], 'words: expected no argument here; config accepts only flags'],
])('%j is refused', async (args, message) => {
  expect(await runWithin(args)).toEqual({ code: 2, stdout: '', stderr: `kube-state-otlp: ${message}\n` })
})

test('no option has the name of a flag, and options of one name are alike', () => {
  const flags = new Set(configurationFlags.map(({ name }) => name))
  const options = commands.flatMap(({ options: declared }) => Object.entries(declared as CommandOptions))
  expect(options.filter(([name]) => flags.has(name))).toEqual([])
  for (const [name, ofName] of Map.groupBy(allFlags, (flag) => flag.name))
    expect(new Set(ofName.map(({ bare, short }) => `${bare} ${short}`)).size, name).toBe(1)
})

test('every default is right by its own format', () => {
  for (const { options } of commands)
    for (const { format, default: fallback } of Object.values(options as CommandOptions))
      if (fallback !== undefined) expect(format.read(format.write(fallback))).toEqual({ value: fallback })
})

test.each([
  [{ faults: true, weather: false }, true],
  [{ faults: false, weather: true }, true],
  [{ faults: false, weather: false }, false],
])('the demo injects faults by its option or its alias: %j', (given, faults) => {
  const options = { pods: 30, churn: 0, seed: 1, duration: undefined, open: false, 'log-file': undefined, ...given }
  expect(Object.keys(demoCommand.options).sort()).toEqual(Object.keys(options).sort())
  expect(demoSettings(options)).toMatchObject({ faults })
})
