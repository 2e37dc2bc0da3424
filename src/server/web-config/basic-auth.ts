/** Basic authentication against bcrypt hashes. Results are cached under a keyed digest: no password is kept in the clear. */

import { createHmac, randomBytes } from 'node:crypto'
import { compare } from 'bcryptjs'

/** `busy` when too many comparisons wait already. */
export type PasswordResult = 'accepted' | 'refused' | 'busy'

export interface PasswordCheck {
  /** Checks the value of an `Authorization` header against the users' hashes. */
  check(authorization: string | undefined, users: ReadonlyMap<string, string>): Promise<PasswordResult>
}

export interface PasswordCheckOptions {
  /** Resolves whether the password has the hash; bcrypt by default. */
  readonly compare?: (password: string, hash: string) => Promise<boolean>
  /** Comparisons that may wait for the one that runs. */
  readonly maxWaiting?: number
}

const maxCached = 100

/**
 * A comparison takes tens of milliseconds of the event loop, so one runs at a time and few wait. Accepted passwords are
 * cached separately from rejected ones, so that guesses do not evict valid ones.
 */
export function createPasswordCheck({
  compare: hasHash = compare,
  maxWaiting = 8,
}: PasswordCheckOptions = {}): PasswordCheck {
  const secret = randomBytes(32)
  const accepted = new Map<string, true>()
  const refused = new Map<string, true>()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  async function compareInTurn(password: string, hash: string): Promise<boolean> {
    waiting += 1
    const result = last
      .then(() => hasHash(password, hash))
      .finally(() => {
        waiting -= 1
      })
    last = result.catch(() => undefined)
    return result
  }

  return {
    async check(authorization, users) {
      const given = readCredentials(authorization)
      if (given === undefined) return 'refused'
      const hash = users.get(given.user)
      // Guesses of names take as long as guesses of passwords.
      const compared = hash ?? [...users.values()][0]
      if (compared === undefined) return 'refused'
      const digest = digestOf(secret, [given.user, hash ?? '', given.password])
      if (accepted.has(digest)) return 'accepted'
      if (refused.has(digest)) return 'refused'
      if (waiting > maxWaiting) return 'busy'
      const isRight = (await compareInTurn(given.password, compared)) && hash !== undefined
      remember(isRight ? accepted : refused, digest)
      return isRight ? 'accepted' : 'refused'
    },
  }
}

/** User and password of a header; undefined when it is of another scheme or none. */
function readCredentials(authorization: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization ?? '')?.[1]
  const decoded = Buffer.from(encoded ?? '', 'base64').toString()
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** The hash is part of it, so a changed password in the file ends what was remembered of the old one. */
function digestOf(secret: Buffer, parts: readonly string[]): string {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
  return hmac.digest('base64')
}

function remember(cache: Map<string, true>, digest: string): void {
  const oldest = cache.keys().next()
  if (cache.size >= maxCached && !oldest.done) cache.delete(oldest.value)
  cache.set(digest, true)
}
