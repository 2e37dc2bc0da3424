/** Compares the facts about the flags of kube-state-metrics, which the tests use, with the list in its module. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PublishedFlag } from '../../scripts/flag-page.ts'
import { publishedFlags } from '../../scripts/flag-page.ts'

const module = 'k8s.io/kube-state-metrics/v2@v2.20.0'

test(`the flags that ${module} publishes are those of the facts`, () => {
  const downloaded = execFileSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' })
  const page = readFileSync(join(JSON.parse(downloaded).Dir, 'docs/developer/cli-arguments.md'), 'utf8')
  expect(publishedFlags.map(({ key: _, ...published }) => published)).toEqual(readFlags(page))
})

/** The lines of its help: `-h, --help   …` and `--port int   … (default 8080)`. */
function readFlags(page: string): Omit<PublishedFlag, 'key'>[] {
  return [...page.matchAll(/^ {2}(?:-(\w), | {4})--(\S+)(?: (\S+))? {2,}(.*)$/gm)].map(
    ([, short, name = '', type = 'bool', text = '']) => ({
      name,
      ...(short === undefined ? {} : { short }),
      type,
      default: defaultIn(text, type),
    }),
  )
}

/** The help leaves out defaults that are the zero value. */
function defaultIn(text: string, type: string): string {
  const named = [...text.matchAll(/\(default "?([^")]*)"?\)|Defaults to "([^"]*)"/g)].at(-1)
  const zero: Readonly<Record<string, string>> = { bool: 'false', int: '0', int32: '0' }
  return named?.[1] ?? named?.[2] ?? zero[type] ?? ''
}
