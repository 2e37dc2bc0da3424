import { expect, test } from 'vitest'
import { guessPlural } from '../../src/custom-resources/plural.ts'

test.each([
  ['Application', 'applications'],
  ['NetworkPolicy', 'networkpolicies'],
  ['Gateway', 'gateways'],
  ['Ingress', 'ingresses'],
  ['Box', 'boxes'],
  ['Patch', 'patches'],
])('%s: %s', (kind, plural) => expect(guessPlural(kind)).toBe(plural))
