/** The command `render`: sources and forms of manifests, and errors in them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCases, recordedFolder, relevantLines } from '../conformance/cases.ts'
import { runBehindPipe, runProgram, runWithin } from './program.ts'

const yaml = (name: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: here, uid: uid-${name}, creationTimestamp: '1970-01-01T00:00:07Z'}
`
const object = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'here', uid: `uid-${name}`, creationTimestamp: '1970-01-01T00:00:07Z' },
})
const list = (kind: string, items: readonly object[] | null) => JSON.stringify({ apiVersion: 'v1', kind, items })
const untyped = ['a', 'b'].map((name) => ({ metadata: object(name).metadata }))

const files: Readonly<Record<string, string>> = {
  'a.yaml': yaml('a'),
  'b.yml': yaml('b'),
  'both.yaml': `---\n${yaml('a')}---\n# nothing\n---\n${yaml('b')}`,
  'both.json': list('List', [object('a'), object('b')]),
  'typed-list.json': list('ConfigMapList', untyped),
  'nested.json': list('List', [{ apiVersion: 'v1', kind: 'ConfigMapList', items: untyped }]),
  'folder/1.yaml': yaml('a'),
  'folder/2.json': JSON.stringify(object('b')),
  'folder/readme.txt': 'not a manifest',
  'empty.yaml': '---\n',
  'empty-list.json': list('ConfigMapList', null),
  'bad.yaml': 'apiVersion: v1\nkind: [ConfigMap\n',
  'no-kind.yaml': 'apiVersion: v1\nmetadata: {name: a}\n',
  'scalar.yaml': 'just words\n',
  'unread.yaml': [
    'apiVersion: example.org/v1\nkind: Widget\n',
    'apiVersion: v1\nkind: Pod\n',
    'apiVersion: example.org/v1\nkind: Widget\n',
    'apiVersion: extensions/v1beta1\nkind: Ingress\n',
  ].join('---\n'),
  'bad.json': '{"apiVersion": "v1", "kind": ',
  'wrong-type.yaml': `${yaml('a')}---\n${yaml('b').replace("'1970-01-01T00:00:07Z'", '[1]')}`,
}

let folder: string
const at = (name: string) => join(folder, name)
const flags = ['--resources=configmaps', '--metric-allowlist=_created$']
const render = (...args: string[]) => runWithin(['render', ...flags, ...args])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'render-'))
  mkdirSync(at('folder'))
  mkdirSync(at('hollow/folder'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

const page = [
  '# TYPE kube_configmap_created gauge',
  'kube_configmap_created{namespace="here",configmap="a"} 7',
  'kube_configmap_created{namespace="here",configmap="b"} 7',
]

describe('the same objects print the same page', () => {
  test.each([
    ['several documents', ['both.yaml']],
    ['several files', ['a.yaml', 'b.yml']],
    ['a List', ['both.json']],
    ['a list of a kind', ['typed-list.json']],
    ['a list in a List', ['nested.json']],
    ['a folder', ['folder']],
    ['with nothing beside', ['both.yaml', 'empty.yaml', 'empty-list.json']],
  ])('%s', async (_, names) => {
    const { code, stdout, stderr } = await render(...names.flatMap((name) => ['-f', at(name)]))
    expect({ code, stderr, lines: relevantLines(stdout) }).toEqual({ code: 0, stderr: '', lines: page })
  })

  test.each([
    ['standard input without -f', []],
    ['standard input by -f -', ['-f', '-']],
    ['standard input beside a file', ['-f', '-', '-f', 'b.yml'], 'a.yaml'],
  ])('%s', async (_, args, input = 'both.json') => {
    const paths = args.map((arg) => (arg in files ? at(arg) : arg))
    const { code, stdout, stderr } = await runProgram(['render', ...flags, ...paths], files[input])
    expect({ code, stderr, lines: relevantLines(stdout) }).toEqual({ code: 0, stderr: '', lines: page })
  })
})

test.each([[[]], [['-f', '-']]])('a pipe that is empty for a while is read to its end, with %j', async (args) => {
  const { code, stdout, stderr } = await runBehindPipe(['render', ...flags, ...args], at('both.yaml'))
  expect({ code, stderr, lines: relevantLines(stdout) }).toEqual({ code: 0, stderr: '', lines: page })
})

test('a pipe takes more than it can hold at a time', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => object(`c${i}`))
  writeFileSync(at('many.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: many, pad: ' '.repeat(1e6) }))
  const { code, stdout, stderr } = await runBehindPipe(['render', ...flags], at('many.json'))
  expect({ code, stderr, lines: relevantLines(stdout).length }).toEqual({ code: 0, stderr: '', lines: 3001 })
})

test.each(['empty.yaml', 'empty-list.json'])('%s holds nothing, so nothing is printed', async (name) => {
  expect(await render('-f', at(name))).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('limits withhold the youngest objects, which is reported', async () => {
  const { code, stdout, stderr } = await render(
    '-f',
    at('both.yaml'),
    '--limits-series-per-family=kube_configmap_created=1',
  )
  expect({ code, lines: relevantLines(stdout) }).toEqual({ code: 0, lines: page.slice(0, 2) })
  expect(stderr).toBe('kube-state-otlp: limit of 1 series of family kube_configmap_created: 1 series withheld\n')
})

test('an object that does not decode is reported; the others are printed', async () => {
  const { code, stdout, stderr } = await render('-f', at('wrong-type.yaml'))
  expect({ code, lines: relevantLines(stdout) }).toEqual({ code: 0, lines: page.slice(0, 2) })
  expect(stderr).toMatch(/^kube-state-otlp: \S+wrong-type\.yaml: ConfigMap ignored: .*creationTimestamp.*\n$/)
})

test('kinds that are not read are reported once with the reason; the others are printed', async () => {
  const { code, stdout, stderr } = await render('-f', at('a.yaml'), '-f', at('unread.yaml'))
  expect({ code, lines: relevantLines(stdout) }).toEqual({ code: 0, lines: page.slice(0, 2) })
  expect(stderr.trimEnd().split('\n')).toEqual([
    'kube-state-otlp: example.org/v1 Widget: 2 objects ignored: no resource reads this kind',
    'kube-state-otlp: v1 Pod: 1 object ignored: resources does not select pods',
    'kube-state-otlp: extensions/v1beta1 Ingress: 1 object ignored: ingresses are read as networking.k8s.io/v1',
  ])
})

test.each([
  ['--metric-labels-allowlist=configmaps=[]'],
  ['--metric-labels-allowlist=*=[]'],
  ['--metric-annotations-allowlist=configmaps=[]'],
  ['--config={labels}'],
])('%s prints no bare sample for each object', async (flag) => {
  writeFileSync(at('labels.yml'), 'labels_allow_list: {configmaps: []}\nannotations_allow_list: {configmaps: }\n')
  const args = ['--resources=configmaps', '--metric-allowlist=_labels$,_annotations$']
  const { code, stdout } = await runWithin([
    'render',
    ...args,
    flag.replace('{labels}', at('labels.yml')),
    '-f',
    at('a.yaml'),
  ])
  expect({ code, samples: stdout.split('\n').filter((line) => line && !line.startsWith('#')) }).toEqual({
    code: 0,
    samples: [],
  })
})

describe('what cannot be is refused in one line', () => {
  test.each([
    ['a file that is not there', ['-f', 'nowhere.yaml'], /cannot read \S+nowhere\.yaml: no such file or folder/],
    ['bad YAML', ['-f', 'bad.yaml'], /bad\.yaml: not valid YAML: /],
    ['bad JSON', ['-f', 'bad.json'], /bad\.json: not valid YAML: /],
    ['a folder without manifests', ['-f', 'hollow'], /hollow holds no \.yaml, \.yml or \.json file/],
    ['no kind', ['-f', 'no-kind.yaml'], /no-kind\.yaml: not a Kubernetes object: apiVersion and kind are missing/],
    ['no object', ['-f', 'scalar.yaml'], /scalar\.yaml: not a Kubernetes object/],
    ['a resource that is none', ['--resources=widgets'], /resources .*widgets/],
    ['a flag that is none', ['--no-such-flag'], /no-such-flag/],
    ['a word too many', ['a.yaml'], /a\.yaml/],
  ])('%s', async (_, args, words) => {
    const paths = args.map((arg, i) => (args[i - 1] === '-f' ? at(arg) : arg))
    const { code, stdout, stderr } = await render(...paths)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
    expect(stderr).toMatch(/^kube-state-otlp: [^\n]+\n$/)
  })
})

describe('every rejection of the conformance cases', () => {
  const rejections = readCases(recordedFolder).filter(({ rejects }) => rejects)

  test.each(rejections)('$name', async ({ args, path }) => {
    const { code, stdout, stderr } = await runWithin(['render', ...args, '-f', `${path}.yaml`])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    // A line for each problem, and no trace of the program's insides.
    for (const line of stderr.trimEnd().split('\n'))
      expect(line).toMatch(/^kube-state-otlp: (\S+ \((flag|default).*\)|--\S+): ./)
  })

  test('as a process of its own', async () => {
    const [first] = rejections
    const { code, stdout, stderr } = await runProgram(['render', ...(first?.args ?? []), '-f', `${first?.path}.yaml`])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^(kube-state-otlp: [^\n]+\n)+$/)
  })
})

test.each(['pods/running-web', 'scoping/namespaces', 'configfile/lists'])('%s as recorded', async (name) => {
  const path = join(recordedFolder, name)
  const args = readFileSync(`${path}.args`, 'utf8').replaceAll('{dir}', join(path, '..')).split('\n').filter(Boolean)
  const { code, stdout } = await runProgram(['render', ...args], readFileSync(`${path}.yaml`, 'utf8'))
  expect(code).toBe(0)
  expect(relevantLines(stdout).sort()).toEqual(relevantLines(readFileSync(`${path}.prom`, 'utf8')).sort())
})

test.each(['\\Akube_configmap_c', 'created\\z', '\\Gkube', '(?i)CREATED'])(
  'the deny list takes %s as kube-state-metrics does',
  async (pattern) => {
    const { code, stdout } = await runWithin([
      'render',
      '--resources=configmaps',
      `--metric-denylist=${pattern}`,
      '-f',
      at('a.yaml'),
    ])
    expect(code).toBe(0)
    expect(stdout).not.toContain('kube_configmap_created')
  },
)
