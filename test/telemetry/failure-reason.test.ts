/** The words for whatever is thrown. */
import { expect, test } from 'vitest'
import { reasonOf } from '../../src/telemetry/failure-reason.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED ::1:443'), { code: 'ECONNREFUSED' })
const ofBothAddresses = new AggregateError([refused, new Error('connect ECONNREFUSED 127.0.0.1:443')])

test.each<[string, unknown, string]>([
  ['an error', refused, 'connect ECONNREFUSED ::1:443'],
  ['one for each address of a host', ofBothAddresses, 'connect ECONNREFUSED ::1:443'],
  ['several, of which none is known', new AggregateError([], 'nothing worked'), 'nothing worked'],
  ['a cause', new TypeError('fetch failed', { cause: ofBothAddresses }), 'fetch failed: connect ECONNREFUSED ::1:443'],
  [
    'a cause with the same message',
    new Error('the plugin failed', { cause: new Error('failed') }),
    'the plugin failed',
  ],
  ['an error without a message', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ['an error without anything', new RangeError(''), 'RangeError'],
  ['no error', 'text', 'text'],
  ['nothing', undefined, 'undefined'],
])('%s', (_what, failure, reason) => {
  expect(reasonOf(failure)).toBe(reason)
})
