import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { History, Samples } from './sample-history.ts'
import { compareHistories, readHistory } from './sample-history.ts'

const bounds = { from: 0, to: 60, settleSeconds: 5, doubledWithinMs: 500 }

/** Samples at these seconds; live from the first second to the end, with the value of each second. */
function samplesAt(seconds: readonly number[], valueAt: (second: number) => number | undefined): Samples {
  const values = seconds.map((second) => valueAt(Math.floor(second)) ?? 0)
  const live = new Map<number, number>()
  for (let second = Math.ceil(seconds[0] ?? 0); second <= bounds.to; second++) {
    const value = valueAt(second)
    if (value !== undefined) live.set(second, value)
  }
  return { timesMs: seconds.map((second) => second * 1000), values, live }
}

const each10 = [0, 10, 20, 30, 40, 50, 60]
const one = () => 1
const history = (samples: Samples): History => new Map([['kube_pod_info{}', samples]])
const compare = (ours: Samples, theirs: Samples) => compareHistories(history(ours), history(theirs), bounds)

test('equal histories', () => {
  const samples = samplesAt(each10, one)
  expect(compare(samples, samples)).toEqual({
    series: 1,
    seconds: 61,
    largestGapMs: 10_000,
    undisturbedGapMs: 10_000,
    doubled: [],
    undisturbedDoubled: 0,
    differing: [],
  })
})

test('a gap counts while the undisturbed series lives, and not where it ended in between', () => {
  const gap = samplesAt([0, 10, 50, 60], one)
  expect(compare(gap, samplesAt(each10, one))).toMatchObject({ largestGapMs: 40_000, undisturbedGapMs: 10_000 })
  const ended = (second: number) => (second > 15 && second < 45 ? undefined : 1)
  expect(compare(gap, samplesAt(each10, ended)).largestGapMs).toBe(10_000)
})

test('an object that is sent again without a change is doubled; one of which a series has changed is not', () => {
  const twice = [0, 10, 10.4, 20, 30, 40, 50, 60]
  const seriesOf = (name: string) => `kube_pod_${name}{namespace="a",pod="b"}`
  const unchanged = new Map([
    [seriesOf('info'), samplesAt(twice, one)],
    [seriesOf('created'), samplesAt(twice, one)],
  ])
  const reference = new Map([...unchanged.keys()].map((name) => [name, samplesAt(each10, one)]))
  expect(compareHistories(unchanged, reference, bounds).doubled).toEqual(['pod a/b at 10400'])
  const changed = { ...samplesAt(twice, one), values: [1, 1, 2, 2, 2, 2, 2, 2] }
  const withChange = new Map([...unchanged, [seriesOf('created'), changed]])
  expect(compareHistories(withChange, reference, bounds).doubled).toEqual([])
  const withEnd = new Map([...unchanged, [seriesOf('created'), samplesAt([0, 10], one)]])
  expect(compareHistories(withEnd, reference, bounds).doubled).toEqual([])
})

test('another value, a missing series and one that lives too long differ when it lasts', () => {
  const theirs = samplesAt(each10, one)
  const wrongFor = (seconds: number, value: number | undefined) =>
    samplesAt(each10, (second) => (second >= 20 && second < 20 + seconds ? value : 1))
  expect(compare(wrongFor(5, 2), theirs).differing).toEqual([])
  const stretch = (seconds: number, from: number, values: string) => [
    expect.stringContaining(`kube_pod_info{} for ${seconds} s from ${from} on: ${values} (before `),
  ]
  expect(compare(wrongFor(6, 2), theirs).differing).toEqual(stretch(6, 20, '2 instead of 1'))
  expect(compare(wrongFor(6, undefined), theirs).differing).toEqual(stretch(6, 20, 'undefined instead of 1'))
  expect(compare(theirs, wrongFor(6, undefined)).differing).toEqual(stretch(6, 20, '1 instead of undefined'))
  expect(compareHistories(new Map(), history(theirs), bounds).differing).toEqual(
    stretch(60, 0, 'undefined instead of 1'),
  )
})

test('a series that is live by a sample from before the stretch is read, also without another one', async () => {
  const metric = { __name__: 'kube_pod_created', namespace: 'a', pod: 'b', job: 'kube-state-metrics' }
  const server = createServer(({ url }, response) => {
    const isRange = url === '/api/v1/query_range'
    const result = isRange ? [{ metric, values: [[20, '7'] as const, [21, '7'] as const] }] : []
    response.end(JSON.stringify({ data: { result } }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const history = await readHistory(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 20, 40)
  const live = new Map([20, 21].map((second) => [second, 7]))
  expect([...history.values()]).toEqual([{ timesMs: [], values: [], live }])
})
