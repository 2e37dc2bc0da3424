/** What an end-to-end run does, how long it takes, and which optional programs are not on this machine. */

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface OptionalProgram {
  readonly name: string
  /** Files, or names on PATH. */
  readonly anyOf: readonly string[]
  readonly usedFor: string
}

/** Without one of them its tests fail or are skipped; the others run. */
const optional: readonly OptionalProgram[] = [
  { name: 'kubectl', anyOf: ['kubectl'], usedFor: 'deploy.e2e.ts and deploying-docs.e2e.ts' },
  {
    name: 'Chromium',
    anyOf: ['chromium', 'chromium-browser', 'google-chrome', process.env.CHROMIUM ?? ''],
    usedFor: 'the status page (status-page.e2e.ts)',
  },
  { name: 'openssl', anyOf: ['openssl'], usedFor: 'certificates that are rotated (faults/credentials.e2e.ts)' },
  {
    name: 'libfaketime (package faketime)',
    anyOf: ['x86_64', 'aarch64'].map((it) => `/usr/lib/${it}-linux-gnu/faketime/libfaketimeMT.so.1`),
    usedFor: 'steps of the clock (faults/clock.e2e.ts)',
  },
]

/** One line each. */
export function describeRun(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const absent = optional.filter(({ anyOf }) => !anyOf.some((it) => isThere(it, env)))
  return [
    'End-to-end tests on a real control plane, Collector and Prometheus. One file takes 1 to 15 minutes, all of them more than an hour.',
    ...absent.map(({ name, usedFor }) => `${name} is not installed, which is needed for ${usedFor}`),
  ]
}

function isThere(program: string, env: NodeJS.ProcessEnv): boolean {
  if (program === '') return false
  if (program.startsWith('/')) return existsSync(program)
  return (env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
