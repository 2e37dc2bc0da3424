/** The records of decisions: each has a number of its own, which its title repeats. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = 'docs/decisions'
const files = readdirSync(folder).filter((file) => file !== 'README.md')

test('each has a number of its own, without gaps', () => {
  const numbers = files.map((file) => /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md$/.exec(file)?.[1] ?? file).sort()
  expect(numbers).toEqual(files.map((_, i) => String(i + 1).padStart(4, '0')))
})

test.each(files)('%s begins with its number', (file) => {
  expect(readFileSync(`${folder}/${file}`, 'utf8')).toMatch(new RegExp(`^# ${file.slice(0, 4)}: `))
})
