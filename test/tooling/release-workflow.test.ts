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

test('may write nothing but image, chart and their attestations, and has no secret', () => {
  expect(permissions).toEqual({ contents: 'read' })
  expect(jobs.verify?.permissions).toBeUndefined()
  expect(jobs.image?.permissions).toEqual({
    contents: 'read',
    packages: 'write',
    'id-token': 'write',
    attestations: 'write',
  })
  expect(jobs.chart?.permissions).toEqual(jobs.image?.permissions)
  expect(jobs.npm?.permissions).toEqual({ contents: 'read', 'id-token': 'write', attestations: 'write' })
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

test('packages the chart and the npm package, which nobody but a maintainer publishes', () => {
  const runs = (job: string) => stepsOf(job).flatMap(({ run }) => run ?? [])
  const chart = /^helm package (\S+)/.exec(runs('chart')[0] ?? '')?.[1] ?? ''
  expect(existsSync(`${chart}/Chart.yaml`)).toBe(true)
  expect(runs('npm')).toEqual(['npm ci', 'npm pack'])
})

test('signs and attests what it pushes, and pushes for tags alone', () => {
  const writing = /docker\/login-action|attest-|cosign|helm push/
  const steps = Object.keys(jobs).flatMap(stepsOf)
  const writers = steps.filter(({ uses = '', run = '' }) => writing.test(uses + run))
  expect(writers.length).toBeGreaterThan(8)
  for (const { if: condition } of writers) expect(condition).toBe("github.ref_type == 'tag'")
  const signed = steps.flatMap(({ run = '' }) => [...run.matchAll(/cosign sign --yes "([^"]+)"/g)].map(([, of]) => of))
  expect(signed).toEqual(['$IMAGE@$DIGEST', expect.stringContaining('$CHARTS/kube-state-otlp@')])
})

test('the chart has the version of the program', () => {
  const chart = parse(readFileSync('deploy/helm/kube-state-otlp/Chart.yaml', 'utf8'))
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect([chart.version, chart.appVersion]).toEqual([version, version])
})
