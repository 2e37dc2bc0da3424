/** The current web configuration: read at the start, and again when the file or one that it names has changed. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Log } from '../../telemetry/log.ts'
import type { Report, WebConfigProblem } from './fields.ts'
import type { WebConfigFile } from './format.ts'
import { parseWebConfig } from './format.ts'
import type { RateLimit } from './rate-limiter.ts'
import type { TlsSettings } from './tls.ts'
import { readTls } from './tls.ts'

export interface WebSettings {
  /** Undefined is plain HTTP. */
  readonly tls: TlsSettings | undefined
  /** Whether HTTP/2 is offered; with TLS alone. */
  readonly http2: boolean
  /** Response headers, by their names. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** bcrypt hashes by user name; empty if no password is required. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit: RateLimit | undefined
}

/** The file cannot be used. The message has a line for each problem. */
export class WebConfigError extends Error {
  override readonly name = 'WebConfigError'

  constructor(path: string, problems: readonly WebConfigProblem[]) {
    super(problems.map((problem) => formatProblem(path, problem)).join('\n'))
  }
}

function formatProblem(path: string, { key, message }: WebConfigProblem): string {
  return key === '' ? `${path}: ${message}` : `${path}: ${key}: ${message}`
}

export interface WebConfigOptions {
  readonly path: string
  readonly log: Log
  readonly readFile?: (path: string) => Buffer
  /** Whether bearer tokens are also required, so that the header cannot have a password. */
  readonly usesTokens?: boolean
}

export interface WebConfig {
  current(): WebSettings
  /** Reads the files again if one has changed. What cannot be applied is logged once and changes nothing. */
  reload(): void
  /** Calls back with settings that differ from those before. */
  onChange(listener: (settings: WebSettings) => void): void
}

/** Reads the file. Throws WebConfigError with all that is wrong in it. */
export function createWebConfig({
  path,
  log,
  readFile = readFileSync,
  usesTokens = false,
}: WebConfigOptions): WebConfig {
  const read = () => readWebSettings(path, readFile, usesTokens)
  const first = read()
  if (first.settings === undefined) throw new WebConfigError(path, first.problems)
  let current = first.settings
  let seen = first.fingerprint
  const listeners: ((settings: WebSettings) => void)[] = []
  return {
    current: () => current,
    onChange: (listener) => void listeners.push(listener),
    reload() {
      const { settings, problems, fingerprint } = read()
      if (fingerprint === seen) return
      seen = fingerprint
      const all = settings === undefined ? problems : restartProblems(current, settings)
      if (settings === undefined || all.length > 0) {
        const lines = all.map((problem) => formatProblem(path, problem))
        log.error(
          { path, problems: lines },
          'the changed web configuration is invalid; the previous one remains in use',
        )
        return
      }
      current = settings
      log.info({ path }, 'web configuration reloaded')
      for (const listener of listeners) listener(settings)
    },
  }
}

/** What is decided when a port opens. */
function restartProblems(before: WebSettings, after: WebSettings): WebConfigProblem[] {
  const problems: WebConfigProblem[] = []
  if ((before.tls === undefined) !== (after.tls === undefined)) {
    const change = after.tls === undefined ? 'off' : 'on'
    problems.push({ key: 'tls_server_config', message: `turning TLS ${change} needs a restart` })
  }
  if (before.http2 !== after.http2) {
    problems.push({ key: 'http_server_config.http2', message: 'a change needs a restart' })
  }
  return problems
}

interface Reading {
  /** Undefined when there are problems. */
  readonly settings: WebSettings | undefined
  readonly problems: readonly WebConfigProblem[]
  /** Of everything that was read, errors included. */
  readonly fingerprint: string
}

function readWebSettings(path: string, readFile: (path: string) => Buffer, usesTokens: boolean): Reading {
  const problems: WebConfigProblem[] = []
  const report: Report = (key, message) => void problems.push({ key, message })
  const hash = createHash('sha256')
  const read = (name: string): Buffer => {
    const content = readFile(resolve(dirname(path), name))
    hash.update(`${content.length}:`).update(content)
    return content
  }
  const settings = readSettings(() => read(resolve(path)), read, report)
  if (usesTokens && (settings?.users.size ?? 0) > 0) {
    report('basic_auth_users', 'expected none with auth_filter: a request cannot carry a password and a token')
  }
  hash.update(JSON.stringify(problems))
  return { settings: problems.length > 0 ? undefined : settings, problems, fingerprint: hash.digest('base64') }
}

function readSettings(
  readText: () => Buffer,
  readNamed: (name: string) => Buffer,
  report: Report,
): WebSettings | undefined {
  const file = parse(readText, report)
  if (file === undefined) return undefined
  const { http2 = true, headers } = file.http_server_config
  if (http2) checkHttp2Ciphers(file.tls_server_config, report)
  return {
    tls: readTls(file.tls_server_config, readNamed, report),
    http2,
    headers: Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    users: checkUsers(file.basic_auth_users ?? new Map(), report),
    rateLimit: readRateLimit(file.rate_limit, report),
  }
}

function parse(readText: () => Buffer, report: Report): WebConfigFile | undefined {
  try {
    return parseWebConfig(readText().toString(), report)
  } catch (error) {
    return report('', `expected a readable file: ${(error as Error).message}`)
  }
}

/** RFC 9113 demands this suite of everyone who offers HTTP/2 over TLS 1.2. */
function checkHttp2Ciphers(tls: WebConfigFile['tls_server_config'], report: Report): void {
  const suites = tls.cipher_suites ?? []
  if (suites.length === 0 || tls.min_version === 'TLSv1.3') return
  if (suites.some((suite) => /^ECDHE-(RSA|ECDSA)-AES128-GCM-SHA256$/.test(suite))) return
  report(
    'tls_server_config.cipher_suites',
    'expected TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 among them for HTTP/2, or http2: false',
  )
}

/** bcrypt's text form: version, cost from 4 to 31, salt and hash. */
const bcryptHash = /^\$2[aby]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/

function checkUsers(users: ReadonlyMap<string, string>, report: Report): ReadonlyMap<string, string> {
  for (const [name, hash] of users) {
    if (!bcryptHash.test(hash)) report(`basic_auth_users.${name}`, 'expected a password hashed by bcrypt')
    if (name.includes(':')) report(`basic_auth_users.${name}`, 'expected a user name without a colon')
  }
  return users
}

function readRateLimit(
  { interval = 0, burst = 0 }: WebConfigFile['rate_limit'],
  report: Report,
): RateLimit | undefined {
  if (interval === 0) return undefined
  if (burst < 1) report('rate_limit.burst', 'expected 1 or more: no request would pass')
  return { intervalMs: interval, burst }
}
