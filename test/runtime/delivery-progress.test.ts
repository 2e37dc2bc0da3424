import { expect, test } from 'vitest'
import { resources as builtIn } from '../../src/families/built-in-resources.ts'
import type { DeliveryProgress } from '../../src/runtime/delivery-progress.ts'
import { encodeProgress, parseProgress } from '../../src/runtime/delivery-progress.ts'

const idle = { lastTimestampMs: 1 }
const pods = (revision: number) => new Map([['v1/pods', revision]])

const progress: DeliveryProgress = {
  cluster: '6a3c',
  publishedAtMs: 1_700_000_000_000,
  fingerprint: 'f1',
  resources: new Map([
    ['v1/pods', 'p1'],
    ['apps/v1/deployments', 'd1'],
  ]),
  destinations: new Map([
    [
      'a',
      {
        lastTimestampMs: 1_700_000_000_123,
        oldestChangeMs: 250,
        revisions: new Map([
          ['v1/pods', 9_007_199_254_740_991],
          ['apps/v1/deployments', 17],
        ]),
        changes: new Map([['v1/pods', 9_007_199_254_740_990]]),
        scopes: new Map(),
      },
    ],
    ['b', { lastTimestampMs: 0, oldestChangeMs: 0, revisions: new Map(), changes: new Map(), scopes: new Map() }],
    [
      'c',
      { ...idle, oldestChangeMs: 0, revisions: pods(17), changes: pods(17), scopes: new Map([['v1/pods in a', 30]]) },
    ],
  ]),
}

test('what is written can be read', () => {
  expect(parseProgress(encodeProgress(progress))).toEqual(progress)
})

test('it is small: all built-in resources take less than 4 KiB', () => {
  const names = builtIn.map(({ apiVersion, plural }) => `${apiVersion}/${plural}`)
  const [destination] = progress.destinations.values()
  if (destination === undefined) throw new Error('no destination')
  const revisions = new Map(names.map((name, index) => [name, 1_234_567_890 - 10_000 * index]))
  const resources = new Map(names.map((name) => [name, '0123abcd']))
  const text = encodeProgress({ ...progress, resources, destinations: new Map([['a', { ...destination, revisions }]]) })
  expect(text?.length).toBeLessThan(4096)
})

test('namespaces that do not fit are left out', () => {
  const scopes = new Map(Array.from({ length: 5000 }, (_, i) => [`v1/pods in namespace-${i}`, 40]))
  const state = { ...idle, oldestChangeMs: 0, revisions: pods(17), changes: pods(17) }
  const destinations = new Map([['a', { ...state, scopes }]])
  const written = parseProgress(encodeProgress({ ...progress, destinations }))
  expect(written?.destinations.get('a')).toEqual({ ...state, scopes: new Map() })
})

test('of an earlier version that says how old the oldest pending change is, but not what came before it', () => {
  const text = broken(({ destinations }) => {
    const { a } = destinations as { a: { changes?: object } }
    delete a.changes
  })
  const states = parseProgress(text)?.destinations
  expect(states?.get('a')?.changes).toEqual(new Map())
  expect(states?.get('c')?.changes).toEqual(pods(17))
})

test('what does not fit into a Lease is not written', () => {
  const resources = new Map(Array.from({ length: 3000 }, (_, i) => [`group-${i}.example.io/v1/things`, '0123abcd']))
  expect(encodeProgress({ ...progress, resources })).toBeUndefined()
})

const broken = (change: (fields: Record<string, unknown>) => void): string => {
  const fields = JSON.parse(encodeProgress(progress) as string)
  change(fields)
  return JSON.stringify(fields)
}

test.each([
  ['nothing', undefined],
  ['no JSON', '{'],
  ['an array', '[]'],
  ['null', 'null'],
  ['another version', broken((fields) => Object.assign(fields, { version: 2 }))],
  ['no cluster', broken((fields) => delete fields.cluster)],
  ['a fraction', broken((fields) => Object.assign(fields, { at: 1.5 }))],
  [
    'a negative revision',
    broken((fields) =>
      Object.assign(fields, {
        destinations: { a: { timestamp: 1, oldestChange: 0, base: 5, behind: { 'v1/pods': 6 } } },
      }),
    ),
  ],
  [
    'a text for a number',
    broken((fields) =>
      Object.assign(fields, { destinations: { a: { timestamp: '1', oldestChange: 0, base: 5, behind: {} } } }),
    ),
  ],
  ['a number for a fingerprint', broken((fields) => Object.assign(fields, { resources: { 'v1/pods': 1 } }))],
])('%s is not read', (_what, text) => {
  expect(parseProgress(text)).toBeUndefined()
})
