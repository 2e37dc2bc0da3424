/** Opens a page in the browser of the user's desktop. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** The program of the desktop that opens a URL, with its first arguments. */
function openerOf(platform: NodeJS.Platform): readonly [program: string, ...args: string[]] {
  if (platform === 'darwin') return ['open']
  return platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
}

/** Starts the browser, which outlives this process. Resolves with the error if there is no program to open pages. */
export async function openPage(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Error | undefined> {
  const [program, ...args] = openerOf(process.platform)
  const child = spawn(program, [...args, url], { detached: true, env, stdio: 'ignore' })
  try {
    await once(child, 'spawn')
    child.unref()
    return undefined
  } catch (error) {
    return error as Error
  }
}
