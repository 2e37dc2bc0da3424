/** Owns the files that credentials come from: certificates, key and token, read again as they rotate. */

import { readFile } from 'node:fs/promises'
import type { LogGate } from '../telemetry/log.ts'

/** Paths; what is undefined is not used. */
export interface CredentialFiles {
  /** Certificate authorities that the receiver's certificate is checked against; the system's when undefined. */
  readonly certificate: string | undefined
  /** Our own certificate and its key. */
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
  /** What the files hold, at most 10 s old. Rejects with the reason when a file could never be read. */
  read(): Promise<CredentialContents>
  /** The next read looks at the files whatever their age. */
  renew(): void
}

const maxAgeMs = 10_000

/** A file that cannot be read later on, as in the middle of a rotation, is logged and what it held before is used. */
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
      log.recovered('push/credentials', 'the credentials of the push can be read again')
      return contents
    } catch (error) {
      log.warn(
        'push/credentials',
        { reason: (error as Error).message },
        'credentials cannot be read; the old ones stay',
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

/** Whether a channel made for `a` serves for `b`: the token is no part of a channel. */
export function sameChannelCredentials(a: CredentialContents, b: CredentialContents): boolean {
  const same = (left: Buffer | undefined, right: Buffer | undefined) =>
    left === right || (left !== undefined && right !== undefined && left.equals(right))
  return same(a.authorities, b.authorities) && same(a.certificate, b.certificate) && same(a.key, b.key)
}
