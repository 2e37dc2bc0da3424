/** docs/operations.md has every message of a warning or an error, and no other. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { logMessages } from './log-messages.ts'

const page = readFileSync('docs/operations.md', 'utf8')
const documented = [...page.matchAll(/^\| `(.+?)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, message = '']) => message)

test('the log messages of the page are those of the sources', () => {
  const messages = [...logMessages()]
  expect(messages.length).toBeGreaterThan(60)
  expect(messages).toEqual(expect.arrayContaining(['OTLP push failing; retrying', 'no permission to read …: …']))
  expect(documented.toSorted()).toEqual(messages.toSorted())
})

test('each is there once', () => expect(new Set(documented).size).toBe(documented.length))
