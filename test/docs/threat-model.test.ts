/** The threat model names tests and metrics that exist, and the bounds of the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { maxLabelBytes, maxRowBytes, maxWrittenBytes } from '../../src/rows/block-limits.ts'

const page = readFileSync('docs/threat-model.md', 'utf8')
const selfMetrics = readdirSync('src/telemetry', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(`src/telemetry/${file}`, 'utf8'))
  .join('')

test.each([...new Set(page.match(/test\/[\w/.-]+\w/g))])('%s is there', (path) => expect(existsSync(path)).toBe(true))

test.each([...new Set(page.match(/kube_state_otlp_\w+/g))])('%s is a self-metric', (name) => {
  expect(selfMetrics).toContain(`'${name}'`)
})

test('the bounds are those of the program', () => {
  const [labels, rows, written] = [maxLabelBytes, maxRowBytes, maxWrittenBytes].map((bytes) => bytes / 1024 / 1024)
  expect(page).toContain(`${labels} MiB of label sets, ${rows} MiB of rows and ${written} MiB of series`)
})
