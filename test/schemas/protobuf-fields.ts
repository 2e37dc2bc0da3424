/** The published protobuf definitions, as scripts/protobuf-fields.ts has written them down. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ProtobufField {
  readonly number: number
  /** `optional`, `repeated` or `map`. */
  readonly label: string
  /** A scalar, or the full name of a message; for a map, that of its values. */
  readonly type: string
}

/** A message's fields by name. */
export type ProtobufMessage = ReadonlyMap<string, ProtobufField>

/** All messages by their full name, like `k8s.io.api.core.v1.Pod`. */
export function readProtobufFields(): ReadonlyMap<string, ProtobufMessage> {
  const messages = new Map<string, Map<string, ProtobufField>>()
  let fields = new Map<string, ProtobufField>()
  for (const line of readFileSync(join(import.meta.dirname, 'protobuf-fields.txt'), 'utf8').split('\n')) {
    const [, number, name = '', label = '', type = ''] = /^ {2}(\d+) (\S+) (\S+) (\S+)$/.exec(line) ?? []
    if (number !== undefined) fields.set(name, { number: Number(number), label, type })
    else if (line !== '' && !line.startsWith('#')) {
      fields = new Map()
      messages.set(line, fields)
    }
  }
  return messages
}

/** The message of a built-in kind: `k8s.io.api.networking.v1.Ingress` for `networking.k8s.io/v1`, `Ingress`. */
export function messageNameOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion]
  return `k8s.io.api.${group.split('.')[0]}.${version}.${kind}`
}
