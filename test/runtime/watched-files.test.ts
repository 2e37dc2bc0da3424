import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWatchedFiles } from '../../src/runtime/watched-files.ts'

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watched-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a file with new content has changed; one that is written with the same content has not', () => {
  const path = join(createFolder(), 'a.yaml')
  writeFileSync(path, 'a')
  const files = createWatchedFiles()
  expect(files.read(path)).toBe('a')
  expect(files.haveChanged()).toBe(false)
  writeFileSync(path, 'a')
  expect(files.haveChanged()).toBe(false)
  writeFileSync(path, 'b')
  expect(files.haveChanged()).toBe(true)
  expect(files.haveChanged()).toBe(true)
  expect(files.read(path)).toBe('b')
  expect(files.haveChanged()).toBe(false)
})

test('files come and go', () => {
  const path = join(createFolder(), 'a.yaml')
  const files = createWatchedFiles()
  expect(() => files.read(path)).toThrow(/ENOENT/)
  expect(files.haveChanged()).toBe(false)
  writeFileSync(path, '')
  expect(files.haveChanged()).toBe(true)
  expect(files.read(path)).toBe('')
  rmSync(path)
  expect(files.haveChanged()).toBe(true)
  files.forget()
  expect(files.haveChanged()).toBe(false)
})

test('the files of a ConfigMap are swapped behind a symbolic link, as kubelet does it', () => {
  const folder = createFolder()
  const generation = (name: string, content: string) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'config.yaml'), content)
    symlinkSync(name, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  generation('..2026_1', 'first')
  symlinkSync('..data/config.yaml', join(folder, 'config.yaml'))
  const files = createWatchedFiles()
  expect(files.read(join(folder, 'config.yaml'))).toBe('first')
  generation('..2026_2', 'second')
  rmSync(join(folder, '..2026_1'), { recursive: true })
  expect(files.haveChanged()).toBe(true)
  expect(files.read(join(folder, 'config.yaml'))).toBe('second')
})

test('a folder changes with the names in it', () => {
  const folder = createFolder()
  const files = createWatchedFiles()
  expect(() => files.read(folder)).toThrow(/EISDIR/)
  expect(files.haveChanged()).toBe(false)
  writeFileSync(join(folder, 'a.yaml'), '')
  expect(files.haveChanged()).toBe(true)
  expect(() => files.read(folder)).toThrow(/EISDIR/)
  expect(files.haveChanged()).toBe(false)
  rmSync(join(folder, 'a.yaml'))
  expect(files.haveChanged()).toBe(true)
})
