/** Command lines of the documentation, to be run as they stand but for the ports. */

import { expect } from 'vitest'

export interface DocumentedCommand {
  readonly env: Readonly<Record<string, string>>
  readonly program: string
  readonly words: readonly string[]
}

/** The first line of a page that runs `program` with these words first, on other ports. */
export function commandOf(
  page: string,
  program: string,
  ports: Readonly<Record<string, number>>,
  ...first: readonly string[]
): DocumentedCommand {
  const wanted = [program, ...first].join(' ')
  const line = page.match(new RegExp(`^ {4}((?:\\w+=\\S+ )*(?:npx )?${wanted}.*)$`, 'm'))?.[1] ?? ''
  const words = line
    .replace('npx ', '')
    .split(' ')
    .filter((word) => word !== '')
  const moved = words.map((word) => word.replace(/(?<=localhost:)\d+/, (port) => `${ports[port] ?? port}`))
  const start = moved.findIndex((word) => !/^\w+=/.test(word))
  expect(moved[start], `a line with ${wanted}`).toBe(program)
  const env = Object.fromEntries(moved.slice(0, start).map((word) => word.split(/=(.*)/s) as [string, string]))
  return { env, program, words: moved.slice(start + 1) }
}
