/** Conversions by name, for values of which kube-state-metrics' order of attempts guesses another one. */

import { parseGoFloat } from '../families/parse-go-float.ts'
import type { ConversionName } from './configuration.ts'
import { quantityToNumber, timeToNumber } from './number-conversion.ts'

type Convert = (value: unknown) => number | undefined

/** What each conversion reads, in the words of messages. */
export const conversionTexts: Readonly<Record<ConversionName, string>> = {
  boolean: 'a boolean or one of the words true, false, yes, no, on, off, enabled, disabled, unknown',
  duration: 'a duration such as 1h30m, or seconds',
  number: 'a number',
  percent: 'a percentage such as 12.5%',
  quantity: 'a quantity such as 5Gi',
  timestamp: 'an RFC 3339 time, or Unix seconds',
}

const ofText =
  (convert: (text: string) => number | undefined): Convert =>
  (value) => {
    if (typeof value === 'number') return value
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'string' ? convert(value) : undefined
  }

const booleanWords = new Map([
  ...['true', 'yes', 'on', 'enabled'].map((word) => [word, 1] as const),
  ...['false', 'no', 'off', 'disabled', 'unknown'].map((word) => [word, 0] as const),
])

/** Each yields undefined for what it does not read. */
export const conversions: Readonly<Record<ConversionName, Convert>> = {
  boolean: (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    return typeof value === 'string' ? booleanWords.get(value.toLowerCase()) : undefined
  },
  duration: ofText(durationToSeconds),
  number: ofText(parseGoFloat),
  percent: ofText((text) => {
    const number = text.endsWith('%') ? parseGoFloat(text.slice(0, -1)) : undefined
    return number === undefined ? undefined : number / 100
  }),
  quantity: ofText(quantityToNumber),
  timestamp: ofText(timeToNumber),
}

/** In seconds. Longer units than hours are those that operators write: days of 24 hours, weeks of 7 days. */
const unitSeconds = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
])

const durationPattern = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+$/
const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/g

function durationToSeconds(text: string): number | undefined {
  const sign = durationPattern.exec(text)?.[1]
  if (sign === undefined) return text === '0' ? 0 : undefined
  let seconds = 0
  for (const [, amount, unit = ''] of text.matchAll(durationPart)) {
    seconds += Number(amount) * (unitSeconds.get(unit) as number)
  }
  return sign === '-' ? -seconds : seconds
}
