/** Patterns have the meaning of kube-state-metrics or are rejected; none is accepted that silently never matches. */
import { describe, expect, test } from 'vitest'
import { compileEcmaPattern, compileRe2Pattern } from '../../src/selection/metric-pattern.ts'

const names = ['kube_pod_info', 'kube_pod_created', 'kube_node_info', 'my_kube_pod_info']
const matches = (isMatch: (name: string) => boolean) => names.filter((name) => isMatch(name))

describe('ECMAScript patterns', () => {
  test.each<[pattern: string, matched: string[]]>([
    ['kube_pod_info', ['kube_pod_info', 'my_kube_pod_info']],
    ['^kube_pod_info$', ['kube_pod_info']],
    ['\\Akube_pod', ['kube_pod_info', 'kube_pod_created']],
    ['\\Gkube_pod', ['kube_pod_info', 'kube_pod_created']],
    ['pod_info\\z', ['kube_pod_info', 'my_kube_pod_info']],
    ['pod_info\\Z', ['kube_pod_info', 'my_kube_pod_info']],
    ['\\Akube_(pod|node)_info\\z', ['kube_pod_info', 'kube_node_info']],
    ['x|\\Akube_node', ['kube_node_info']],
    ['\\\\Akube', []],
    ['(?i)KUBE_NODE', ['kube_node_info']],
    ['(?i)x|KUBE_NODE', ['kube_node_info']],
    ['(?i:KUBE)_node', ['kube_node_info']],
    ['^kube_(?!pod)', ['kube_node_info']],
    ['(?<=pod_)info', ['kube_pod_info', 'my_kube_pod_info']],
    ['[\\w]+_created', ['kube_pod_created']],
    ['kube\\_node\\_info', ['kube_node_info']],
    ['\\x6bube_node|\\u006bube_pod_created', ['kube_pod_created', 'kube_node_info']],
    ['k(u)be.*_cr(e).*\\2d', ['kube_pod_created']],
    ['(?<o>o)d\\k<o>|created', ['kube_pod_created']],
    ['[^a-z_]', []],
    ['kube_node[A-]?', ['kube_node_info']],
    ['[[]|kube_node', ['kube_node_info']],
    ['\\[]|[\\]k]ube_node', ['kube_node_info']],
  ])('%s matches %j', (pattern, matched) => {
    expect(matches(compileEcmaPattern(pattern))).toEqual(matched)
  })

  test.each([
    ['\\Qkube\\E', '\\Q'],
    ['\\p{L}', '\\p'],
    ['\\P{L}', '\\P'],
    ['\\akube', '\\a'],
    ['\\ekube', '\\e'],
    ['\\hkube', '\\h'],
    ['\\Kkube', '\\K'],
    ['\\x{6b}ube', '\\x'],
    ['\\u{6b}ube', '\\u'],
    ['\\c', '\\c'],
    ['\\k', '\\k'],
    ['[\\A]kube', '\\A within brackets'],
    ['[\\z]', '\\z within brackets'],
    ['[a-z-[aeiou]]', '-['],
    ['[]k]ube', '[] is not supported'],
    ['[^]x]ube', '[^] is not supported'],
    ['kube_[]', '[] is not supported'],
    ['[[:alpha:]]', '[:alpha:]'],
    ['[[:^digit:]_]', '[:^digit:]'],
    ['kube\\1', '\\1 refers to no group'],
    ['(kube)\\2', '\\2 refers to no group'],
    ['(?<a>kube)\\k<b>', ''],
    ['kube\\k<b>', '\\k<b> refers to no group'],
    ['(?>kube)', ''],
    ['kube*+', ''],
    ['(?#note)kube', ''],
    ['(?x)k u b e', ''],
    ['(?P<name>kube)', ''],
    ['kube(?i)_POD', ''],
    ['kube(', ''],
    ['kube\\', ''],
  ])('%s is refused', (pattern, words) => {
    expect(() => compileEcmaPattern(pattern)).toThrow(words)
  })
})

describe('RE2 patterns', () => {
  test.each<[pattern: string, matched: string[]]>([
    ['\\Akube_pod_info\\z', ['kube_pod_info']],
    ['(?i)KUBE_NODE', ['kube_node_info']],
    ['\\Qkube_node\\E', ['kube_node_info']],
    ['^[[:alpha:]]+_node', ['kube_node_info']],
    ['(?P<kind>node)', ['kube_node_info']],
  ])('%s matches %j', (pattern, matched) => {
    expect(matches(compileRe2Pattern(pattern))).toEqual(matched)
  })

  test.each([
    '(?!pod)',
    '(?=pod)',
    '(?<=a)b',
    '(a)\\1',
    '\\Z',
    '\\G',
    '\\k<a>',
    'a**',
    'x{1001}',
    '[[:foo:]]',
    '(?>a)',
  ])('%s is refused, as Go refuses it', (pattern) => {
    expect(() => compileRe2Pattern(pattern)).toThrow()
  })
})
