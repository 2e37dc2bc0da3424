/** The differences of two pages: exact counts, examples, and tolerance of values that change. */
import { describe, expect, test } from 'vitest'
import { readCases, recordedFolder } from '../../conformance/cases.ts'
import { configureCase, observeCase, writePage } from '../../conformance/rendered-case.ts'
import { compare, moving, still } from './pages.ts'

const isPossible = ({ group, name, expected }: { group: string; name: string; expected?: unknown }) =>
  expected !== undefined && group !== 'customresourcestate' && name !== 'configfile/custom-resources'
const cases = readCases(recordedFolder).filter(isPossible)

describe('our page and what kube-state-metrics printed are equal', () => {
  test('there are cases', () => expect(cases.length).toBeGreaterThan(100))

  test.each(cases)('$name', async (one) => {
    const loaded = configureCase(one)
    expect(loaded.ok).toBe(true)
    const theirs = (one.expected as string[]).map((line) => `${line}\n`).join('')
    const recorded = new Set((one.expected as string[]).map((line) => /^(?:# TYPE )?([^ {]+)/.exec(line)?.[1]))
    // Families that kube-state-metrics never had are on our page alone where a case opts in widely.
    const ignores = (family: string) => !recorded.has(family)
    const pieceBytes = 7 + (theirs.length % 5000)
    const page = writePage(observeCase(one), 'text')
    if (theirs === '') return expect(page.split('\n').filter((line) => recorded.has(line))).toEqual([])
    const comparison = await compare(still(page, pieceBytes), still(theirs), { ignores })
    expect(comparison.differences).toEqual([])
    expect(comparison).toMatchObject({ equal: true, readings: 1 })
    expect(comparison.theirs).toEqual(comparison.ours)
  })
})

const page = `# HELP kube_a Something.
# TYPE kube_a gauge
kube_a{namespace="x",pod="p1"} 1
kube_a{namespace="x",pod="p2"} 2
kube_a{namespace="x",pod="p3"} 3
# HELP kube_b_total Something else.
# TYPE kube_b_total counter
kube_b_total{pod="p1"} 5
kube_b_total{pod="p1"} 5
# TYPE kube_c gauge
`

describe('one reading', () => {
  test('equal pages may differ in help, order of lines and labels, escapes, notation, line ends and time', async () => {
    const theirs = [
      '# TYPE kube_c gauge',
      '# HELP kube_b_total Other words.',
      '# TYPE kube_b_total counter',
      'kube_b_total{pod="p1"} 5.0',
      'kube_b_total{pod="p1"} 5e0',
      '# TYPE kube_a gauge',
      'kube_a{pod="p3",namespace="x"} 3 1700000000000',
      'kube_a{ pod = "p1" , namespace="x", } +1',
      'kube_a{pod="p2",namespace="x"}   2',
    ]
    expect(await compare(still(page), still(theirs.join('\r\n')))).toMatchObject({ equal: true, differences: [] })
  })

  test('counts series that one page alone has, by family and with examples', async () => {
    const theirs = page.replace('pod="p1"} 1', 'pod="p9"} 1').replace('kube_b_total{pod="p1"} 5\n', '')
    const { equal, differences, ours, theirs: size } = await compare(still(page), still(theirs))
    expect([equal, ours, size]).toEqual([false, { families: 3, series: 5 }, { families: 3, series: 4 }])
    expect(differences).toEqual([
      {
        name: 'kube_a',
        only: undefined,
        types: undefined,
        series: { onlyOurs: 1, onlyTheirs: 1, changed: 0 },
        examples: {
          onlyOurs: ['kube_a{namespace="x",pod="p1"}'],
          onlyTheirs: ['kube_a{namespace="x",pod="p9"}'],
          changed: [],
        },
      },
      {
        name: 'kube_b_total',
        only: undefined,
        types: undefined,
        series: { onlyOurs: 1, onlyTheirs: 0, changed: 0 },
        examples: { onlyOurs: ['kube_b_total{pod="p1"}'], onlyTheirs: [], changed: [] },
      },
    ])
  })

  test('names families that one page alone has, also without series, and types that differ', async () => {
    const theirs = page
      .replace('# TYPE kube_c gauge\n', '# TYPE kube_d gauge\n')
      .replace('total counter', 'total gauge')
    const { differences } = await compare(still(page), still(theirs))
    expect(differences.map(({ name, only, types }) => ({ name, only, types }))).toEqual([
      { name: 'kube_b_total', only: undefined, types: { ours: 'counter', theirs: 'gauge' } },
      { name: 'kube_c', only: 'ours', types: undefined },
      { name: 'kube_d', only: 'theirs', types: undefined },
    ])
  })

  test('shows values that differ; infinities and not-a-number are values too', async () => {
    const values = (a: string, b: string, c: string) =>
      `# TYPE kube_a gauge\nkube_a{n="1"} ${a}\nkube_a{n="2"} ${b}\nkube_a ${c}\n`
    expect(await compare(still(values('NaN', '-Inf', '1')), still(values('nan', '-inf', '1')))).toMatchObject({
      equal: true,
    })
    const { differences } = await compare(still(values('NaN', '+Inf', '1')), still(values('0', 'Inf', '1.5')))
    expect(differences[0]).toMatchObject({ series: { onlyOurs: 0, onlyTheirs: 0, changed: 2 } })
    expect(differences[0]?.examples.changed).toEqual([
      { series: 'kube_a{n="1"}', ours: Number.NaN, theirs: 0 },
      { series: 'kube_a', ours: 1, theirs: 1.5 },
    ])
  })

  test('limits examples, not counts', async () => {
    const many = (from: number) => Array.from({ length: 5000 }, (_, i) => `kube_a{n="${from + i}"} 1\n`).join('')
    const { differences } = await compare(still(many(0)), still(many(2500)), { examples: 2 })
    expect(differences[0]?.series).toEqual({ onlyOurs: 2500, onlyTheirs: 2500, changed: 0 })
    expect(differences[0]?.examples.onlyOurs).toEqual(['kube_a{n="0"}', 'kube_a{n="1"}'])
    expect(differences[0]?.examples.onlyTheirs).toEqual(['kube_a{n="5000"}', 'kube_a{n="5001"}'])
    const without = await compare(still(many(0)), still(many(2500)), { examples: 0 })
    expect(without.differences[0]).toMatchObject({
      series: { onlyOurs: 2500 },
      examples: { onlyOurs: [], onlyTheirs: [] },
    })
  })

  test('leaves ignored families out on both sides', async () => {
    const theirs = page.replace('pod="p1"} 1', 'pod="p1"} 7').replace('total counter', 'total gauge')
    const ignores = (family: string) => /^kube_(a|b_total)$/.test(family)
    expect(await compare(still(page), still(theirs), { ignores })).toMatchObject({
      equal: true,
      ours: { families: 1, series: 0 },
      theirs: { families: 1, series: 0 },
    })
  })

  test('reads OpenMetrics, which names counters without their suffix', async () => {
    const theirs = `${page.replace('TYPE kube_b_total', 'TYPE kube_b')}# EOF\n`
    expect(await compare(still(page), still(theirs))).toMatchObject({ equal: true })
  })

  test.each([
    ['', /a still page is not a metrics page: it is empty/],
    ['<!doctype html>\n<html>', /a still page is not a metrics page: line 1 is "<!doctype html>"/],
    [`${page}kube_a{pod="p1} 1\n`, /line 11 is "kube_a\{pod=\\"p1\} 1"/],
    ['kube_a\n', /line 1/],
    ['kube_a one\n', /line 1/],
    ['kube_a{pod} 1\n', /line 1/],
    ['kube_a{pod="p"\n', /line 1/],
    ['kube_a{pod="p"}\n', /line 1/],
    ['kube_a 0x10\n', /line 1/],
  ])('refuses %j', async (theirs, words) => {
    await expect(compare(still(page), still(theirs))).rejects.toThrow(words)
  })
})

describe('pages that move', () => {
  const without = (text: string, line: string) => text.replace(line, '')
  const p1 = 'kube_a{namespace="x",pod="p1"} 1\n'
  const p2 = 'kube_a{namespace="x",pod="p2"} 2\n'

  test('are read again until they are equal', async () => {
    const theirs = moving(without(page, p1), without(page, p2), page)
    expect(await compare(moving(page), theirs, { retries: 5 })).toMatchObject({ equal: true, readings: 2 })
  })

  test('differ by what persists alone', async () => {
    const lagging = page.replace('p3"} 3', 'p3"} 4')
    const theirs = moving(without(lagging, p1), without(without(lagging, p1), p2), without(lagging, p1))
    const { differences, readings } = await compare(moving(page), theirs, { retries: 2 })
    expect(readings).toBe(3)
    expect(differences).toMatchObject([{ series: { onlyOurs: 1, onlyTheirs: 0, changed: 1 } }])
    expect(differences[0]?.examples).toMatchObject({
      onlyOurs: ['kube_a{namespace="x",pod="p1"}'],
      changed: [{ ours: 3, theirs: 4 }],
    })
  })

  test('a value or a family that arrives late is no difference after it has arrived', async () => {
    const theirs = moving(page.replace('p3"} 3', 'p3"} 4').replace('# TYPE kube_c gauge\n', ''), page)
    expect(await compare(still(page), theirs, { retries: 1 })).toMatchObject({ equal: true, readings: 2 })
  })

  test('are not read again without retries, if they cannot change, or after a stop', async () => {
    const differing = page.replace('p3"} 3', 'p3"} 4')
    expect(await compare(still(page), moving(differing, page), { retries: 0 })).toMatchObject({
      equal: false,
      readings: 1,
    })
    expect(await compare(still(page), still(differing), { retries: 3 })).toMatchObject({ equal: false, readings: 1 })
    const stop = new AbortController()
    const stopped = { retries: 3, signal: stop.signal, pause: async () => stop.abort() }
    expect(await compare(still(page), moving(differing, page), stopped)).toMatchObject({ equal: false, readings: 1 })
  })
})
