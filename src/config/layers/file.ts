/** The file layer: the keys of kube-state-metrics at the top level, and additional sections. */
import type { Document, Pair, YAMLMap } from 'yaml'
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { UnreadableValue } from '../convict-schema.ts'
import type { Source } from '../problem.ts'
import type { AnySetting, Key } from '../schema.ts'
import { allSettings, isKey, settingOf } from '../schema.ts'
import { withoutEffectInFile, withoutEffectNotice } from '../sections/compatibility.ts'
import { didYouMean } from '../suggestion.ts'
import type { Layer } from './layer.ts'
import { createLayer } from './layer.ts'

const fileKeys = [...allSettings].filter(([, setting]) => !setting.notInFile).map(([key]) => key)
const sectionNames = new Set(fileKeys.filter((key) => key.includes('.')).map((key) => key.replace(/\..*/, '')))
const canonicalKeys = new Map(
  [...allSettings].flatMap(([key, { fileAliases = [] }]) => fileAliases.map((it) => [it, key])),
)

/** Parses a configuration file. An empty file and keys without value are ignored. */
export function readConfigFile(path: string, text: string): Layer {
  const layer = createLayer()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of document.errors) {
    const source = { from: 'file', path, line: lines.linePos(error.pos[0]).line } as const
    layer.problems.push({ key: 'config', value: undefined, source, message: `expected YAML: ${error.message}` })
  }
  if (document.errors.length > 0 || isEmpty(document.contents)) return layer
  if (!isMap(document.contents)) {
    layer.problems.push({
      key: 'config',
      value: undefined,
      source: { from: 'file', path },
      message: 'expected a map of keys',
    })
    return layer
  }
  const sourceOf = ({ key }: Pair): Source => {
    const offset = isScalar(key) ? key.range?.[0] : undefined
    return offset === undefined ? { from: 'file', path } : { from: 'file', path, line: lines.linePos(offset).line }
  }
  keepNotation(document)
  readTop(document.contents, layer, sourceOf, (node) => (isNode(node) ? node.toJS(document) : node))
  return layer
}

/** Texts such as `1.10` or `007` keep their digits, because formats parse numbers themselves. */
function keepNotation(document: Document): void {
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'number' || typeof scalar.value === 'boolean') scalar.value = scalar.source
    },
  })
}

type SourceOf = (pair: Pair) => Source
type ToPlain = (node: unknown) => unknown

function readTop(top: YAMLMap, layer: Layer, sourceOf: SourceOf, toPlain: ToPlain): void {
  const ignored: string[] = []
  for (const pair of top.items) {
    const name = canonicalKeys.get(String(pair.key)) ?? String(pair.key)
    if (withoutEffectInFile.has(name)) {
      if (asksForSomething(pair.value)) ignored.push(name)
    } else if (sectionNames.has(name)) readSection(name, pair, layer, sourceOf, toPlain)
    else readPair(name, !name.includes('.'), pair, layer, sourceOf, toPlain)
  }
  if (ignored.length > 0) layer.notices.push({ message: withoutEffectNotice(ignored) })
}

function readSection(name: string, section: Pair, layer: Layer, sourceOf: SourceOf, toPlain: ToPlain): void {
  if (isEmpty(section.value)) return
  if (!isMap(section.value)) {
    const message = `expected a section: keys of ${name}, indented below it`
    layer.problems.push({ key: name, value: undefined, source: sourceOf(section), message })
    return
  }
  for (const pair of section.value.items) readPair(`${name}.${pair.key}`, true, pair, layer, sourceOf, toPlain)
}

function readPair(name: string, placed: boolean, pair: Pair, layer: Layer, sourceOf: SourceOf, toPlain: ToPlain): void {
  const source = sourceOf(pair)
  if (isKey(name) && settingOf(name).notInFile && !asksForSomething(pair.value)) return
  if (!isKey(name) || settingOf(name).notInFile) {
    layer.problems.push({ key: name, value: undefined, source, message: unknownKey(name) })
  } else if (!placed) {
    const [section, key] = name.split('.')
    layer.problems.push({
      key: name,
      value: undefined,
      source,
      message: `expected ${key} below the section ${section}`,
    })
  } else {
    const { default: fallback, format } = settingOf(name)
    const isNull = isEmpty(pair.value)
    if (isNull && format.empty?.nullEmpties) layer.assignments.push({ key: name, raw: fallback, source })
    else if (!isNull && !(format.empty?.mapNamesNothing && isEmptyMap(pair.value)))
      layer.assignments.push({ key: name, raw: readPlain(settingOf(name), toPlain(pair.value)), source })
  }
}

/** Lists, maps and the YAML words for true and false are parsed here; convict parses texts alone. */
function readPlain({ default: fallback, format }: AnySetting, plain: unknown): unknown {
  if (plain === '' && fallback === undefined) return undefined
  const reading = format.read(plain)
  return 'value' in reading ? reading.value : new UnreadableValue(reading.expected, plain)
}

const isEmptyMap = (node: unknown) => isMap(node) && node.items.length === 0

/** Whether a value differs from the default of kube-state-metrics. */
function asksForSomething(node: unknown): boolean {
  return !isEmpty(node) && !(isScalar(node) && ['', 'false', '0'].includes(String(node.value)))
}

function unknownKey(name: string): string {
  if (isKey(name)) return 'expected as flag or variable only, not in the file'
  return `expected a known key${didYouMean(name, fileKeys satisfies readonly Key[])}`
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null)
}
