/** Readers of single JSON values. null and undefined are Go's zero value; a wrong type is a DecodeError. */

import { parseMicroTime, parseRfc3339, TimestampError } from '../../schemas/timestamps.ts'
import type { Step } from './decode-error.ts'
import { DecodeError, pathOf, within } from './decode-error.ts'
import { emptyList, emptyMap } from './object-form.ts'

/** Reads one JSON value that stands at `step` of its parent. */
export type ReadValue<T = unknown> = (value: unknown, step: Step | undefined) => T

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'null'
  if (typeof value === 'bigint') return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** An error about a value that does not match the schema. */
export function mismatch(wanted: string, value: unknown, step: Step | undefined): DecodeError {
  return new DecodeError(pathOf(step), `expected ${wanted}, got ${typeName(value)}`)
}

function invalid(wanted: string, text: string, step: Step | undefined): DecodeError {
  return new DecodeError(pathOf(step), `expected ${wanted}, got ${JSON.stringify(text)}`)
}

export function readString(value: unknown, step: Step | undefined): string {
  if (typeof value === 'string') return value
  if (value == null) return ''
  throw mismatch('a string', value, step)
}

export function readBool(value: unknown, step: Step | undefined): boolean {
  if (typeof value === 'boolean') return value
  if (value == null) return false
  throw mismatch('a boolean', value, step)
}

export function readInt(value: unknown, step: Step | undefined): number {
  if (Number.isInteger(value)) return value as number
  if (value == null) return 0
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') throw invalid('an integer', String(value), step)
  throw mismatch('a number', value, step)
}

/** Exact only if the parser kept all digits: beyond 2^53 a bigint or decimal text is needed. */
export function readExactInt(value: unknown, step: Step | undefined): bigint {
  if (typeof value === 'bigint') return value
  if (value == null) return 0n
  if (typeof value === 'string') {
    if (/^-?\d+$/.test(value)) return BigInt(value)
    throw invalid('an integer', value, step)
  }
  return BigInt(readInt(value, step))
}

export function readQuantity(value: unknown, step: Step | undefined): string {
  if (typeof value === 'string') return value
  if (value == null) return '0'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw mismatch('a quantity', value, step)
}

export function readIntOrString(value: unknown, step: Step | undefined): number | string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || value == null) return readInt(value, step)
  throw mismatch('an integer or a string', value, step)
}

/** The length of the bytes that a base64 text stands for. */
export function readByteLength(value: unknown, step: Step | undefined): number {
  if (value == null || value === '') return 0
  if (typeof value !== 'string') throw mismatch('base64 text', value, step)
  const text = value.includes('\n') ? value.replaceAll(/[\r\n]/g, '') : value
  if (text.length % 4 !== 0) throw new DecodeError(pathOf(step), 'expected base64 text, got a length it cannot have')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}

export const readTime = timeReader('an RFC 3339 time', parseRfc3339)
export const readMicroTime = timeReader('an RFC 3339 time with six decimals', parseMicroTime)

function timeReader(wanted: string, parse: (text: string) => number | undefined): ReadValue<number | undefined> {
  return (value, step) => {
    if (value == null) return undefined
    if (typeof value !== 'string') throw mismatch(wanted, value, step)
    try {
      return parse(value)
    } catch (failure) {
      if (failure instanceof TimestampError) throw invalid(wanted, value, step)
      throw failure
    }
  }
}

/** A list whose elements are read by `readElement`; a null element is that type's zero value, as in Go. */
export function listReader<T>(readElement: ReadValue<T>): ReadValue<readonly T[]> {
  return (value, step) => {
    if (value == null) return emptyList
    if (!Array.isArray(value)) throw mismatch('a list', value, step)
    if (value.length === 0) return emptyList
    try {
      const elements: T[] = []
      for (let i = 0; i < value.length; i++) elements.push(readElement(value[i], i))
      return elements
    } catch (failure) {
      throw within(step, failure)
    }
  }
}

/** A map with string keys, in the order of the JSON object's keys. */
export function mapReader<T>(readElement: ReadValue<T>): ReadValue<ReadonlyMap<string, T>> {
  return (value, step) => {
    if (value == null) return emptyMap
    if (typeof value !== 'object' || Array.isArray(value)) throw mismatch('an object', value, step)
    let entries: Map<string, T> | undefined
    try {
      for (const key in value) {
        entries ??= new Map()
        entries.set(key, readElement((value as Record<string, unknown>)[key], key))
      }
    } catch (failure) {
      throw within(step, failure)
    }
    return entries ?? emptyMap
  }
}
