/** Credentials from files: certificates, key and token, read again when they rotate. */

import { readFile } from 'node:fs/promises'
import { reasonOf } from '../telemetry/failure-reason.ts'
import type { LogGate } from '../telemetry/log.ts'

/** Paths; undefined ones are not used. */
export interface CredentialFiles {
  /** CA certificates to verify the receiver; those of the system if undefined. */
  readonly certificate: string | undefined
  /** The client certificate and its key. */
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
  readonly bearerTokenFile: string | undefined
}

/** The content of the files. */
export interface CredentialContents {
  readonly authorities: Buffer | undefined
  readonly certificate: Buffer | undefined
  readonly key: Buffer | undefined
  readonly token: string | undefined
}

export interface CredentialReader {
  /** The content of the files, at most 10 s old. Rejects with the reason if a file has never been readable. */
  read(): Promise<CredentialContents>
  /** The next read reads the files regardless of the age of their content. */
  renew(): void
}

const maxAgeMs = 10_000

/** If a file cannot be read later, for example during a rotation, this is logged and the previous content is used. */
export function createCredentialReader(
  files: CredentialFiles,
  log: LogGate,
  now: () => number = () => performance.now(),
): CredentialReader {
  let known: Promise<CredentialContents> | undefined
  let readAt = 0

  const readAll = async (): Promise<CredentialContents> => {
    const [authorities, certificate, key, token] = await Promise.all(
      [files.certificate, files.clientCertificate, files.clientKey, files.bearerTokenFile].map(async (path) =>
        path === undefined ? undefined : readFile(path),
      ),
    )
    return { authorities, certificate, key, token: token?.toString().trim() }
  }
  const readAgain = async (before: Promise<CredentialContents>): Promise<CredentialContents> => {
    try {
      const contents = await readAll()
      log.recovered('push/credentials', 'the OTLP credentials can be read again')
      return contents
    } catch (error) {
      log.warn(
        'push/credentials',
        { reason: reasonOf(error) },
        'the OTLP credentials cannot be read; the previous ones remain in use',
      )
      return before
    }
  }
  const readFirst = async (): Promise<CredentialContents> => {
    try {
      return await readAll()
    } catch (error) {
      known = undefined
      throw error
    }
  }

  return {
    read() {
      if (known === undefined || now() - readAt >= maxAgeMs) {
        readAt = now()
        known = known === undefined ? readFirst() : readAgain(known)
      }
      return known
    },
    renew() {
      readAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** Whether a channel for `a` can be used with `b`: the token is not part of a channel. */
export function sameChannelCredentials(a: CredentialContents, b: CredentialContents): boolean {
  const same = (left: Buffer | undefined, right: Buffer | undefined) =>
    left === right || (left !== undefined && right !== undefined && left.equals(right))
  return same(a.authorities, b.authorities) && same(a.certificate, b.certificate) && same(a.key, b.key)
}
