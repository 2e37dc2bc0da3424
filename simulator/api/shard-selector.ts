/** Shard selectors (KEP-5866): ranges of the 64-bit FNV-1a hash of the UID. */

import type { Refusal } from './api-status.ts'
import { badRequest } from './api-status.ts'
import type { ApiObject } from './kinds.ts'

const range = /^\s*shardRange\(object\.metadata\.uid,\s*'0x([0-9a-f]+)',\s*'0x([0-9a-f]+)'\)\s*$/

/** The test of a `shardSelector` parameter; everything matches an empty one. */
export function parseShardSelector(text: string): ((object: ApiObject) => boolean) | Refusal {
  if (text === '') return () => true
  const ranges: (readonly [bigint, bigint])[] = []
  for (const part of text.split('||')) {
    const [, start, end] = range.exec(part) ?? []
    if (start === undefined || end === undefined) return badRequest(`invalid shard selector: ${text}`)
    ranges.push([BigInt(`0x${start}`), BigInt(`0x${end}`)])
  }
  return ({ metadata }) => {
    const hash = hashOf(metadata.uid ?? '')
    return ranges.some(([start, end]) => hash >= start && hash < end)
  }
}

function hashOf(uid: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(uid)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}
