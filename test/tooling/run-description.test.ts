/** What `npm run test:e2e` says before it starts. */

import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeRun } from '../e2e/run-description.ts'

it('names the time, and the optional programs that are not installed with the tests that need them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-description-'))
  const [first, ...absent] = describeRun({ PATH: folder })
  expect(first).toMatch(/One file takes 1 to 15 minutes/)
  expect(absent).toContain('kubectl is not installed, which is needed for deploy.e2e.ts and deploying-docs.e2e.ts')
  expect(absent.join('\n')).toContain('openssl is not installed')

  for (const name of ['kubectl', 'openssl', 'chromium']) {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), 0o755)
  }
  expect(describeRun({ PATH: `/nowhere:${folder}` }).join('\n')).not.toMatch(/kubectl|openssl|Chromium/)
})
