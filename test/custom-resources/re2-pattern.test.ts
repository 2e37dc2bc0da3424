/** What a regular expression of a rule may cost: in labels, and in `matches` of expressions. */
import { expect, test } from 'vitest'
import { compileExpression } from '../../src/custom-resources/cel.ts'
import { readRules } from '../../src/custom-resources/read-rules.ts'
import type { FreeFamily } from '../../src/families/family.ts'

const kind = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true }

/** A rule with a sample for each text of the object. */
function read(inner: string, ...texts: readonly string[]) {
  const metric = `{name: m, each: {type: Info, info: {path: [texts], ${inner}}}}`
  const text = `spec: {resources: [{groupVersionKind: {group: g, version: v1, kind: K}, metrics: [${metric}]}]}`
  const { rules, problems } = readRules([{ source: 'r', text }], compileExpression)
  const families = rules.resolve([kind]).flatMap((resource) => resource.families) as readonly FreeFamily<unknown>[]
  const observe = () => {
    for (const { callback } of families) {
      callback({ metadata: { namespace: 'hill', name: 'oak' }, raw: { texts } }, () => {})
    }
  }
  return { observe, problems: problems.map(({ message }) => message), status: () => rules.status()[0]?.record }
}

const where = (pattern: string) => `labelExpressions: {l: key}, where: 'element.matches("${pattern}")'`
const label = (pattern: string) => `labelsFromPath: {l: {path: [], match: "${pattern}"}}`
const costly = '[a-z]{0,400}[0-9]'
const long = 'x'.repeat(10_000)

test.each([
  ['x'.repeat(1001), /^expected a pattern of at most 1000 characters, got 1001$/],
  ['x{1000}x', /^expected a pattern of at most 1000 instructions, got 100\d: repeat less$/],
  ['(a', /^expected an RE2 regular expression \(.*\)$/],
])('the pattern %s is refused', (pattern, message) => {
  expect(read(label(pattern)).problems[0]?.replace('labelsFromPath.l.match: ', '')).toMatch(message)
  expect(read(where(pattern)).problems[0]?.replace('where: matches: ', '')).toMatch(message)
})

test('a match in an expression costs steps by the length of the text and the size of the pattern', () => {
  const { observe, status, problems } = read(where(costly), 'x', long)
  expect(problems).toEqual([])
  observe()
  expect(status()?.lastError).toEqual({
    object: 'hill/oak',
    path: '[texts, 1]',
    reason: 'where: more than 100000 steps of evaluation for one object',
  })
})

test('usual patterns match thousands of characters', () => {
  const { observe, status } = read(where('^(?:[a-z0-9]+[.])*example[.]com$'), `${'abc.'.repeat(1000)}example.com`)
  observe()
  expect(status()).toMatchObject({ samples: 1, errors: 0 })
})

test('a label whose value is too long for its pattern is an error of its rule', () => {
  const { observe, status } = read(label(costly), 'abc1', long)
  expect(observe).toThrow(RangeError)
  const reason = 'expected a shorter value for the pattern of a label, got 10000 characters'
  expect(status()).toMatchObject({
    ...{ objects: 1, samples: 0, errors: 1 },
    lastError: { object: 'hill/oak', path: '[texts]', reason },
  })
})

test('what makes the family of a rule fail is an error of the rule', () => {
  const { observe, status } = read('labelsFromPath: {l: []}', 'short')
  observe()
  expect(status()).toMatchObject({ samples: 1, errors: 0 })
  const deep = JSON.parse(`${'['.repeat(200)}1${']'.repeat(200)}`) as string
  const other = read('labelsFromPath: {l: []}', deep)
  expect(other.observe).toThrow(RangeError)
  const reason = 'expected a value of at most 100 levels for a label'
  expect(other.status()).toMatchObject({ samples: 0, errors: 1, lastError: { object: 'hill/oak', reason } })
})
