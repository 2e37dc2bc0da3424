/**
 * Texts that a user of the cluster chooses and that are parsed here: each is refused or read in linear time. The texts have a
 * megabyte, so that a parser whose time grows with the square needs hours, and the test ends by its time limit.
 */
import { expect, test } from 'vitest'
import { conversions } from '../../src/custom-resources/named-conversion.ts'
import { toNumber } from '../../src/custom-resources/number-conversion.ts'
import { sanitizeLabelName } from '../../src/families/label-name.ts'
import { parseGoFloat } from '../../src/families/parse-go-float.ts'
import { resourceUnits } from '../../src/families/resources/compute-resource-names.ts'
import { parseDurationSeconds } from '../../src/families/resources/cron/go-duration.ts'
import { parseSchedule } from '../../src/families/resources/cron/schedule.ts'
import { ipFamily } from '../../src/families/resources/ip-address.ts'
import { scaledValue } from '../../src/families/resources/percentages.ts'
import { isQuantity, quantityAsApproximateFloat } from '../../src/schemas/quantity.ts'
import { parseRfc3339 } from '../../src/schemas/timestamps.ts'

const size = 1_000_000
const filled = (pattern: string) => pattern.repeat(size / pattern.length)

const texts: Readonly<Record<string, string>> = {
  'digits and a letter': `${filled('1')}x`,
  'digits and a unit': `${filled('9')}Ki`,
  'digits and a percent sign': `${filled('9')}%`,
  'zeros and a letter': `${filled('0')}x`,
  'decimals and a letter': `0.${filled('1')}x`,
  'digits with underscores': `${filled('1_')}x`,
  'digits with dots': filled('1.'),
  'a long exponent': `1e${filled('9')}`,
  'the largest exponent': '1e2147483647',
  'hours without end': `${filled('1h')}x`,
  blanks: `0${filled(' ')}x`,
  colons: filled('::'),
  slashes: filled('a/'),
  dashes: `a/${filled('-')}x`,
  'a date with a long fraction': `2026-01-01T00:00:00.${filled('0')}`,
  'a quoted time zone': `TZ=${filled("'")} * * * * *`,
}
const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  'number of Go': parseGoFloat,
  'quantity of Kubernetes': (text) => isQuantity(text) && quantityAsApproximateFloat(text),
  'value of a custom resource': toNumber,
  ...conversions,
  'time of RFC 3339': (text) => attempt(() => parseRfc3339(text)),
  'percentage of a rollout': (text) => scaledValue(text, 10, 'up'),
  'IP address': ipFamily,
  'duration of Go': parseDurationSeconds,
  'cron schedule': (text) => parseSchedule(text, undefined),
  'time zone': (text) => parseSchedule('* * * * *', text),
  'compute resource': resourceUnits,
  'label name': sanitizeLabelName,
}

function attempt(parse: () => unknown): unknown {
  try {
    return parse()
  } catch {
    return undefined
  }
}

test.each(Object.entries(parsers))('%s', { timeout: 120_000 }, (_, parse) => {
  let count = 0
  for (const text of Object.values(texts)) {
    parse(text)
    count++
  }
  expect(count).toBe(Object.keys(texts).length)
})

test('what is not a number stays none, and what is one stays the same', () => {
  expect([`${filled('1')}x`, '1.', '.5', '1_0.5e-1_0', '1__0', '.', ''].map(parseGoFloat)).toEqual([
    ...[undefined, 1, 0.5, 10.5e-10, undefined, undefined, undefined],
  ])
  expect(['007', '0', '00.50', '+5', '-5Ki', '1e3', '1E', '.5', '5.', 'm', '1+2', '0x1'].map(isQuantity)).toEqual([
    ...[true, true, true, true, true, true, true, true, true, true, false, false],
  ])
  expect(['1.5h', '.5s', '1.h', '1h30m', '1.5'].map(parseDurationSeconds)).toEqual([5400, 0, 3600, 5400, undefined])
})
