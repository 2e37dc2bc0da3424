/** The release workflow, as far as it can be tested without running it: rights, provenance, and the files that it names. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

const text = readFileSync('.github/workflows/release.yml', 'utf8')
const { permissions, jobs } = parse(text) as {
  permissions: Record<string, string>
  jobs: Record<string, { permissions?: Record<string, string>; steps: Step[] }>
}
const stepsOf = (job: string) => jobs[job]?.steps ?? []
const stepUsing = (action: string) => stepsOf('image').find(({ uses }) => uses?.startsWith(`${action}@`))

test('may write nothing but the image and its attestations, and has no secret', () => {
  expect(permissions).toEqual({ contents: 'read' })
  expect(jobs.verify?.permissions).toBeUndefined()
  expect(jobs.image?.permissions).toEqual({
    contents: 'read',
    packages: 'write',
    'id-token': 'write',
    attestations: 'write',
  })
  expect(text).not.toContain('secrets.')
})

test('runs scripts that the project has', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const run = stepsOf('verify').flatMap(({ run }) => run ?? [])
  expect(run).toEqual(['npm ci', 'npm audit', 'npm test', 'npm run build'])
  for (const name of ['test', 'build']) expect(scripts).toHaveProperty(name)
})

test('builds the image for two platforms, with provenance and bill of materials, and pushes it for tags alone', () => {
  const build = stepUsing('docker/build-push-action')?.with ?? {}
  expect(existsSync(String(build.file))).toBe(true)
  expect(build).toMatchObject({ platforms: 'linux/amd64,linux/arm64', provenance: 'mode=max', sbom: true })
  expect(build.push).toMatch(/^\$\{\{ github\.ref_type == 'tag' \}\}$/)
  for (const action of ['actions/attest-build-provenance', 'actions/attest-sbom', 'docker/login-action']) {
    expect(stepUsing(action)?.if).toBe("github.ref_type == 'tag'")
  }
  expect(stepUsing('actions/attest-sbom')?.with).toMatchObject({ 'sbom-path': 'sbom.cdx.json' })
})
