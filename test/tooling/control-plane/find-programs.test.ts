/** Where programs are looked for, in temporary folders. */

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPrograms, folderOf, isAtLeast } from '../../../scripts/control-plane/find-programs.ts'
import { sourceOf } from '../../../scripts/control-plane/go-sources.ts'

const createFolder = () => mkdtempSync(join(tmpdir(), 'find-programs-'))

/** A script that prints a version. */
function write(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "${version}"\n`)
  chmodSync(path, 0o755)
  return path
}

describe('findPrograms', () => {
  it('prefers PEERS_BIN, whatever its version, then the cache, then PATH', () => {
    const [given, cache, onPath] = [createFolder(), createFolder(), createFolder()]
    const env = { PEERS_BIN: given, XDG_CACHE_HOME: cache, PATH: `/nowhere:${onPath}` }
    const paths = {
      PEERS_BIN: write(join(given, 'etcd'), 'etcd Version: 2.0.0'),
      cache: write(join(folderOf(sourceOf('kwok'), env), 'kwok'), ''),
      PATH: write(join(onPath, 'helm'), 'v4.9.0'),
    }
    for (const name of ['etcd', 'kwok']) write(join(onPath, name), 'version 9.9.9')
    const { found, missing } = findPrograms(['etcd', 'kwok', 'helm', 'promtool'], env)
    expect(found).toEqual([
      { name: 'etcd', path: paths.PEERS_BIN, place: 'PEERS_BIN' },
      { name: 'kwok', path: paths.cache, place: 'cache' },
      { name: 'helm', path: paths.PATH, place: 'PATH' },
    ])
    expect(missing).toEqual(['promtool'])
  })

  it('does not use a program on PATH that is too old or has no version', () => {
    const [old, none] = [createFolder(), createFolder()]
    write(join(old, 'prometheus'), 'prometheus, version 2.53.1 (branch: HEAD)')
    write(join(none, 'prometheus'), 'prometheus')
    const env = { XDG_CACHE_HOME: createFolder(), PATH: `${old}:${none}` }
    expect(findPrograms(['prometheus'], env).missing).toEqual(['prometheus'])
    write(join(none, 'prometheus'), 'prometheus, version 3.1.0')
    expect(findPrograms(['prometheus'], env).found).toMatchObject([{ path: join(none, 'prometheus') }])
  })

  it('does not use a build of another version', () => {
    const env = { XDG_CACHE_HOME: createFolder(), PATH: '' }
    write(join(folderOf({ name: 'etcd', version: 'v3.4.0' }, env), 'etcd'), '')
    expect(findPrograms(['etcd'], env).missing).toEqual(['etcd'])
  })
})

describe('isAtLeast', () => {
  it.each([
    ['Kubernetes v1.36.3', '1.33', true],
    ['Kubernetes v1.9.3', '1.33', false],
    ['v4.0.0', '4.0', true],
    ['v5.0.0', '4.7', true],
    ['unknown', '0.1', false],
  ])('%s, %s: %s', (text, minimum, expected) => expect(isAtLeast(text, minimum)).toBe(expected))
})
