/** Reads files and detects later whether their content has changed. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

export interface WatchedFiles {
  /** The text of a file. Throws as `readFileSync` does, and then its appearance is a change. */
  read(path: string): string
  /** Forgets all files, before they are read again. */
  forget(): void
  /**
   * Whether a file that was read is another one now, has appeared or is gone. It compares contents, so that a mounted
   * ConfigMap, whose files are swapped behind a symbolic link, is followed like any other.
   */
  haveChanged(): boolean
}

/** `readFile` gives the text of a file, or throws with a `code`; `listFolder` gives the names in a folder. */
export function createWatchedFiles(
  readFile = (path: string) => readFileSync(path, 'utf8'),
  listFolder: (path: string) => readonly string[] = (path) => readdirSync(path),
): WatchedFiles {
  const seen = new Map<string, string>()

  function open(path: string): { readonly fingerprint: string; readonly text?: string; readonly error?: unknown } {
    try {
      const text = readFile(path)
      return { fingerprint: createHash('sha256').update(text).digest('base64'), text }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return { fingerprint: code === 'EISDIR' ? describeFolder(path) : `unreadable: ${code}`, error }
    }
  }

  /** Whoever asked for the text of a folder reads its files instead: one more or less is a change. */
  function describeFolder(path: string): string {
    try {
      return `folder: ${listFolder(path).toSorted().join('/')}`
    } catch {
      return 'unreadable folder'
    }
  }

  return {
    read(path) {
      const { fingerprint, text, error } = open(path)
      seen.set(path, fingerprint)
      if (text === undefined) throw error
      return text
    },
    forget: () => seen.clear(),
    haveChanged: () => [...seen].some(([path, before]) => open(path).fingerprint !== before),
  }
}
