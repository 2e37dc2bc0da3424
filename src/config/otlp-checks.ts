/** Validation rules between the keys of one destination, whether they are in the section or in the list. */
import type { OtlpProtocol } from './formats/address.ts'
import { resolveEndpoint } from './formats/address.ts'

/** The values that depend on each other; times in milliseconds. */
export interface ConnectedValues {
  readonly endpoint: string | undefined
  readonly insecure: boolean
  readonly protocol: OtlpProtocol
  readonly compression: 'none' | 'gzip' | 'zstd'
  readonly client_certificate: string | undefined
  readonly client_key: string | undefined
}

/** A key of the destination, and what was expected. */
export interface Contradiction {
  readonly name: keyof ConnectedValues
  readonly message: string
}

/** `prefix` is that of the keys in messages: `otlp.` for the section. */
export function contradictionsOf(values: ConnectedValues, prefix: string): readonly Contradiction[] {
  const { endpoint, insecure, protocol, compression } = values
  const found: Contradiction[] = []
  const expect = (right: boolean, name: keyof ConnectedValues, message: string) =>
    right || found.push({ name, message })
  expect(
    endpoint === undefined || resolveEndpoint(endpoint, { insecure, protocol }) !== undefined,
    'endpoint',
    protocol === 'grpc'
      ? `expected no path: a URL with a path belongs to ${prefix}protocol http/protobuf`
      : 'expected an http:// or https:// URL, or host:port',
  )
  expect(
    compression !== 'zstd' || protocol === 'http/protobuf',
    'compression',
    `expected none or gzip: zstd requires ${prefix}protocol http/protobuf`,
  )
  expect(
    values.client_certificate === undefined || values.client_key !== undefined,
    'client_certificate',
    `expected together with ${prefix}client_key`,
  )
  expect(
    values.client_key === undefined || values.client_certificate !== undefined,
    'client_key',
    `expected together with ${prefix}client_certificate`,
  )
  return found
}
