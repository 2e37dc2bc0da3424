import { describe, expect, test } from 'vitest'
import { parseFieldSelector, parseLabelSelector, SelectorError } from '../../src/families/selector.ts'

const labels = new Map([
  ['app', 'web'],
  ['example.org/tier', 'front'],
  ['empty', ''],
])

describe('label selectors', () => {
  test.each([
    ['', true],
    ['app=web', true],
    ['app == web', true],
    ['app=api', false],
    ['app!=api', true],
    ['other!=api', true],
    ['other=', false],
    ['empty=', true],
    ['app', true],
    ['other', false],
    ['!other', true],
    ['! app', false],
    ['app in (web, api)', true],
    ['app in (api)', false],
    ['other in (api)', false],
    ['app notin (api,db)', true],
    ['other notin (api)', true],
    ['app notin (web)', false],
    ['example.org/tier=front, app in (web,api),!legacy', true],
    ['example.org/tier=back, app in (web,api)', false],
  ])('%s: %s', (text, selected) => expect(parseLabelSelector(text)(labels)).toBe(selected))

  test.each(['app=a=b', 'app in web', 'a,,b', '=a', 'app in (a', '-a'])('%s is refused', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(SelectorError)
  })
})

describe('field selectors', () => {
  const read = (path: string) => ({ 'metadata.name': 'a', 'spec.mode': '' })[path] ?? ''

  test.each([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==b', false],
    ['metadata.name!=b,spec.mode=', true],
    ['spec.mode!=', false],
  ])('%s: %s', (text, selected) => expect(parseFieldSelector(text)(read)).toBe(selected))

  test('without an operator are refused', () =>
    expect(() => parseFieldSelector('metadata.name')).toThrow(SelectorError))
})
