/** The Markdown pages: every link and anchor leads somewhere, every command line exists, and the index has every page. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readOptions } from '../../src/cli/command.ts'
import { allFlags, commands } from '../../src/cli/commands.ts'
import { parseArguments } from '../../src/config/arguments.ts'
import { allSettings } from '../../src/config/schema.ts'
import { flagOf } from '../../src/config/setting.ts'
import type { CommandLine } from './pages.ts'
import { anchorsOf, commandLinesOf, linksOf, readPages } from './pages.ts'

const pages = readPages()
const pageOf = new Map(pages.map((page) => [page.path, page]))
const lines = pages.filter(({ path }) => !/^(CHANGELOG|\.changeset)/.test(path)).flatMap(commandLinesOf)
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

test('every link leads to a file, and every anchor to a heading', () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ ...link, page: page.path })))
  expect(links.length).toBeGreaterThan(250)
  expect(links.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(40)
  const broken = links.filter(({ file, anchor }) => {
    if (!existsSync(file)) return true
    const target = pageOf.get(file)
    return anchor !== undefined && target !== undefined && !anchorsOf(target).has(anchor)
  })
  expect(broken.map(({ page, file, anchor }) => `${page}: ${file}#${anchor ?? ''}`)).toEqual([])
})

test('anchors are those of GitHub', () => {
  const text = '# `rate()` and `push.interval`\n## A [link](x.md), twice\n## A link, twice\n'
  expect([...anchorsOf({ path: 'x.md', text })]).toEqual(['rate-and-pushinterval', 'a-link-twice', 'a-link-twice-1'])
})

test('the index has every page, and the README fits on two screens', () => {
  const index = linksOf(pageOf.get('docs/README.md')!).map(({ file }) => file)
  const own = readdirSync('docs').filter((file) => file.endsWith('.md') && file !== 'README.md')
  expect(own.filter((file) => !index.includes(`docs/${file}`))).toEqual([])
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(90)
})

/** What is wrong with the arguments of the program. */
function problemsOfProgram(args: readonly string[]): string[] {
  const { uses, words, unknown } = parseArguments(args, allFlags)
  const [first = 'run', topic = ''] = words
  if (unknown.length > 0) return [`unknown flags: ${unknown.join(' ')}`]
  if (first === 'help' || first === 'version')
    return ['', 'flags', ...commands.map(({ name }) => name)].includes(topic) ? [] : [`no topic ${topic}`]
  const command = commands.find(({ name }) => name === first)
  if (command === undefined) return [`no command ${first}`]
  const settings = new Map([...allSettings].map(([key, setting]) => [flagOf(key, setting), setting]))
  const isGiven = (text: string | undefined) => text !== undefined && text !== ''
  const values = uses.filter(({ name, text }) => settings.has(name) && isGiven(text))
  const own = uses.filter(({ name, text }) => !settings.has(name) && isGiven(text))
  const foreign = own.filter(({ name }) => !Object.hasOwn(command.options, name) && !/^(help|version)$/.test(name))
  const unreadable = values.filter(({ name, text }) => 'expected' in settings.get(name)!.format.parse(text ?? ''))
  return [
    ...readOptions(
      command,
      own.filter((use) => !foreign.includes(use)),
    ).problems,
    ...foreign.map(({ name }) => `--${name} is not of ${first}`),
    ...unreadable.map(({ name, text }) => `--${name} cannot be ${text}`),
  ]
}

function problemsOfNpm([verb = '', script = '', ...rest]: readonly string[]): string[] {
  if (/^(ci|test|pack|install|publish|version|start|audit|view)$/.test(verb)) return []
  if (verb !== 'run' || scripts[script] === undefined) return [`no script ${script}`]
  const args = rest[0] === '--' ? rest.slice(1) : rest
  if (script === 'demo') return problemsOfProgram(['demo', ...args])
  if (script === 'test:e2e') return args.filter((word) => /^test\//.test(word) && !isOfE2e(word))
  if (script === 'bench')
    return args.filter(
      (word) => /^[a-z][a-z-]*$/.test(word) && !existsSync(`bench/${word}.ts`) && !existsSync(`bench/${word}`),
    )
  return []
}

const e2eFiles = readdirSync('test/e2e', { recursive: true }).map((file) => `test/e2e/${file}`)
const isOfE2e = (prefix: string) => e2eFiles.some((file) => file.startsWith(prefix))

function problemsOfHelm(words: readonly string[]): string[] {
  const values = parse(readFileSync('deploy/helm/kube-state-otlp/values.yaml', 'utf8'))
  const keys = words.flatMap((word, at) => (words[at - 1] === '--set' ? [word.split('=')[0] ?? ''] : []))
  const has = (key: string) =>
    key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], values) !==
    undefined
  return keys.filter((key) => !has(key)).map((key) => `no value ${key}`)
}

function problemsOf({ words: [program = '', ...args] }: CommandLine): string[] {
  switch (program) {
    case 'kube-state-otlp':
      return problemsOfProgram(args)
    case 'npx':
      if (args[0] === 'kube-state-otlp') return problemsOfProgram(args.slice(1))
      return args.includes('kube-state-otlp') || /^(changeset|--package)/.test(args[0] ?? '') ? [] : ['unknown package']
    case 'npm':
      return problemsOfNpm(args)
    case 'node':
      return args.filter((word) => /\.[jt]s$/.test(word) && !existsSync(word)).map((word) => `no file ${word}`)
    case 'helm':
      return problemsOfHelm(args)
    default:
      return []
  }
}

describe('command lines', () => {
  test('are found', () => {
    expect(lines.length).toBeGreaterThan(80)
    expect(new Set(lines.map(({ words }) => words[0]))).toEqual(expect.objectContaining(new Set(['npm', 'kubectl'])))
  })

  test('have commands, flags, values, scripts and files that exist', () => {
    const problems = lines.flatMap((it) => problemsOf(it).map((problem) => `${it.page}: ${it.line}: ${problem}`))
    expect(problems).toEqual([])
  })

  test('that are wrong are noticed', () => {
    const check = (line: string) => problemsOf({ page: '', line, words: line.split(' ') })
    expect(check('kube-state-otlp doctr')).toEqual(['no command doctr'])
    expect(check('npx kube-state-otlp --otlp-endpont=http://x:1')).toEqual([expect.stringContaining('unknown flags')])
    expect(check('kube-state-otlp --push-interval=soon')).toEqual(['--push-interval cannot be soon'])
    expect(check('kube-state-otlp rbac --pods=50')).toEqual(['--pods is not of rbac'])
    expect(check('npm run dmo')).toEqual(['no script dmo'])
    expect(check('helm install x y --set otlp.endpont=z')).toEqual(['no value otlp.endpont'])
  })

  test('of other programs are run by a test that is named here', () => {
    const runElsewhere: Readonly<Record<string, readonly string[]>> = {
      // test/e2e/deploying-docs.e2e.ts runs those of kustomizations, helm.e2e.ts the chart.
      kubectl: [
        'docs/deploying.md',
        'docs/leader-election.md',
        'docs/getting-started.md',
        'docs/operations.md',
        'README.md',
        // test/e2e/custom-resources.e2e.ts has the objects of the example.
        'docs/custom-resources.md',
      ],
      helm: [
        'docs/deploying.md',
        'docs/getting-started.md',
        'docs/migrating.md',
        'deploy/helm/kube-state-otlp/README.md',
      ],
      // test/e2e/collector-docs.e2e.ts and getting-started.e2e.ts start them as the pages do.
      prometheus: ['docs/collector.md', 'docs/getting-started.md'],
      otelcol: ['docs/collector.md'],
      // No test has a container engine: test/deploy/dockerfile.test.ts runs what the image runs.
      docker: ['docs/deploying.md', 'docs/getting-started.md'],
      kind: ['docs/getting-started.md'],
    }
    const others = lines.filter(({ words: [program = ''] }) => !/^(kube-state-otlp|npx|npm|node)$/.test(program))
    const unknown = others.filter(({ page, words: [program = ''] }) => !runElsewhere[program]?.includes(page))
    expect(unknown.map(({ page, line }) => `${page}: ${line}`)).toEqual([])
    expect(e2eFiles.map((file) => basename(file))).toEqual(
      expect.arrayContaining([
        'deploying-docs.e2e.ts',
        'helm.e2e.ts',
        'collector-docs.e2e.ts',
        'getting-started.e2e.ts',
      ]),
    )
  })
})
