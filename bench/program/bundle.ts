/** The program as users run it: the bundle takes about 90 MB less than the sources. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Throws if it cannot be built. */
export function buildBundle(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build.js')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the bundle was not built: ${stderr}`)
}

/** The command that users start, which runs the bundle if it is newer than the sources. */
export const programFile = join(root, 'bin/kube-state-otlp.js')

export const bundleFile = join(root, 'dist/main.js')
