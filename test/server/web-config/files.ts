/** A folder with a web configuration and the files that it names; it is removed after the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface WebFolder {
  /** Of the configuration file. */
  readonly path: string
  write(name: string, content: string): void
}

/** `text` is the configuration; `others` are the files beside it, by name. */
export function createWebFolder(text: string, others: Readonly<Record<string, string>> = {}): WebFolder {
  const folder = mkdtempSync(join(tmpdir(), 'web-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content)
  write('web.yml', text)
  for (const [name, content] of Object.entries(others)) write(name, content)
  return { path: join(folder, 'web.yml'), write }
}
