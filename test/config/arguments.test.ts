/** Arguments as Go's pflag reads them: one parser for the configuration and for commands. */
import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/config/arguments.ts'

const declared = [
  { name: 'port', bare: false },
  { name: 'gzip', bare: true },
  { name: 'filename', short: 'f', bare: false },
  { name: 'help', short: 'h', bare: true },
  { name: 'v', short: 'v', bare: false },
]

const parse = (...argv: string[]) => {
  const { uses, words, unknown } = parseArguments(argv, declared)
  return { uses: uses.map(({ name, text }) => `${name}=${text}`), words, unknown }
}

describe('arguments', () => {
  it.each<[argv: string[], uses: string[], words: string[], unknown: string[]]>([
    [['--port=1', '--port', '2'], ['port=1', 'port=2'], [], []],
    [['--gzip', 'word'], ['gzip=true'], ['word'], []],
    [['--gzip=false', '--gzip='], ['gzip=false', 'gzip='], [], []],
    [['--port', '--gzip'], ['port=--gzip'], [], []],
    [['--port=a=b', '--port=a\nb'], ['port=a=b', 'port=a\nb'], [], []],
    [['--port'], ['port=undefined'], [], []],
    [
      ['render', '-f', 'x.yaml', '-fy.yaml', '-f=z.yaml'],
      ['filename=x.yaml', 'filename=y.yaml', 'filename=z.yaml'],
      ['render'],
      [],
    ],
    [['-v=4', '-v4', '-v', '4', '--v=4'], ['v=4', 'v=4', 'v=4', 'v=4'], [], []],
    [['-h', '-h=false', '--help=true'], ['help=true', 'help=false', 'help=true'], [], []],
    [['-hv'], [], [], ['-hv']],
    [['--unknown', 'its-value', 'word'], [], ['word'], ['--unknown']],
    [['--unknown=1', 'word', '--other', '--gzip'], ['gzip=true'], ['word'], ['--unknown', '--other']],
    [['-port=1', '--=1', '-'], [], ['-'], ['-port', '--']],
    [['--gzip', '--', '--port=1', '-f'], ['gzip=true'], ['--port=1', '-f'], []],
    [['', 'a b'], [], ['', 'a b'], []],
  ])('%j', (argv, uses, words, unknown) => {
    expect(parse(...argv)).toEqual({ uses, words, unknown })
  })

  it('keeps each use as it was written', () => {
    const { uses } = parseArguments(['--port', '1', 'word', '-fx', '--gzip'], declared)
    expect(uses.map(({ flag, tokens }) => ({ flag, tokens }))).toEqual([
      { flag: '--port', tokens: ['--port', '1'] },
      { flag: '-f', tokens: ['-fx'] },
      { flag: '--gzip', tokens: ['--gzip'] },
    ])
  })
})
