/** `doctor` with a simulated cluster and receiver: each check, sound and unsound. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import type { FaultScript } from '../../simulator/api/api-faults.ts'
import { firstOf } from '../../simulator/api/api-faults.ts'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import type { KindDefinition } from '../../simulator/api/kinds.ts'
import { endWorld, startWorld } from '../runtime/world.ts'
import { runWithin } from './program.ts'

afterEach(endWorld)

interface Review {
  readonly spec: {
    readonly user?: string
    readonly groups?: readonly string[]
    readonly resourceAttributes: { readonly verb: string; readonly resource: string; readonly namespace?: string }
  }
}

/** Answers access reviews as `allows` decides. */
function reviewing(allows: (review: Review) => boolean): FaultScript {
  return ({ path, body }) =>
    path.startsWith('/apis/authorization.k8s.io/v1/')
      ? { response: { code: 201, body: { status: { allowed: allows(body as Review) } } } }
      : undefined
}

/** The discovery documents of the kinds. */
function discovering(kinds: readonly KindDefinition[]): FaultScript {
  return ({ path }) => {
    const [, group, version] =
      /^[/]apis[/]([^/]+)(?:[/]([^/]+))?$/.exec(path) ?? (path === '/api/v1' ? ['', '', 'v1'] : [])
    if (group === undefined) return undefined
    const ours = kinds.filter(({ apiVersion }) => apiVersion.startsWith(group === '' ? 'v1' : `${group}/`))
    const versions = [...new Set(ours.map(({ apiVersion }) => ({ version: apiVersion.split('/').at(-1) })))]
    const resources = ours
      .filter(({ apiVersion }) => apiVersion.endsWith(version ?? ''))
      .map(({ plural, kind, namespaced }) => ({ name: plural, kind, namespaced, verbs: ['list', 'watch'] }))
    return { response: { code: 200, body: version === undefined ? { versions } : { resources } } }
  }
}

async function start(allows: (review: Review) => boolean = () => true) {
  const world = await startWorld(builtInKinds, { faults: firstOf(reviewing(allows), discovering(builtInKinds)) })
  const run = (...flags: string[]) => runWithin(['doctor', `--kubeconfig=${world.kubeconfig}`, ...flags])
  return { ...world, run, endpoint: `--otlp-endpoint=http://${world.receiver.grpcAddress}` }
}

const linesOf = (stdout: string) => stdout.trimEnd().split('\n')

test('finds nothing wrong with a sound installation, and leaves no series behind', async () => {
  const { run, endpoint, receiver } = await start()
  const { code, stdout, stderr } = await run(endpoint)
  expect(stderr).toBe('')
  expect(linesOf(stdout)).toEqual([
    expect.stringMatching(/^ok +configuration +valid$/),
    expect.stringMatching(
      /^ok +API server +Kubernetes v1\.\d+\.\d+.* at http:.* \(kubeconfig .*\), answered in \d+ ms$/,
    ),
    expect.stringMatching(/^ok +clock +this machine is \d\.\d s (ahead of|behind) the API server$/),
    expect.stringMatching(/^ok +rights +all \d+ rights of the current user are granted$/),
    expect.stringMatching(/^ok +kinds +(\d+) of \1 selected resources are served$/),
    expect.stringMatching(/^ok +test push +grpc http:.* accepted a sample of kube_state_otlp_doctor in \d+ ms$/),
    'no check failed',
  ])
  expect(code).toBe(0)
  expect(receiver.received.accepted).toBe(2)
  expect([...receiver.liveSet.live().keys()]).toEqual([])
})

test('names the rights that are missing, and how to grant them', async () => {
  const { run } = await start(({ spec }) => spec.resourceAttributes.resource !== 'pods')
  const { code, stdout } = await run('--resources=pods,nodes')
  expect(stdout).toMatch(/^failed +rights +the current user may not list, watch pods\n +→ .*kube-state-otlp rbac/m)
  expect(stdout).toMatch(/1 check failed\n$/)
  expect(code).toBe(1)
})

test('reviews the rights of a service account in place of those of the user', async () => {
  const asked: Review['spec'][] = []
  const { run } = await start(({ spec }) => asked.push(spec) > 0)
  await run('--resources=pods', '--namespaces=shop', '--service-account=monitoring/state')
  expect(asked.map(({ user }) => user)).toEqual(asked.map(() => 'system:serviceaccount:monitoring:state'))
  expect(asked[0]?.groups).toContain('system:serviceaccounts:monitoring')
  const reads = asked.map(({ resourceAttributes: { verb, resource, namespace } }) => [verb, resource, namespace])
  expect(reads).toContainEqual(['watch', 'pods', 'shop'])
})

test('a right to list namespaces stands in for that to get kube-system', async () => {
  const { run } = await start(
    ({
      spec: {
        resourceAttributes: { verb, resource },
      },
    }) => !(resource === 'namespaces' && verb === 'get'),
  )
  expect((await run('--resources=namespaces')).stdout).toMatch(/^ok +rights/m)
  expect((await run('--resources=pods')).stdout).toMatch(/^failed +rights +.* get namespaces\/kube-system$/m)
})

test('names the resources that the API server does not serve', async () => {
  const kinds = builtInKinds.filter(({ plural }) => plural !== 'leases')
  const world = await startWorld(kinds, {
    faults: firstOf(
      reviewing(() => true),
      discovering(kinds),
    ),
  })
  const { code, stdout } = await runWithin(['doctor', `--kubeconfig=${world.kubeconfig}`, '--resources=pods,leases'])
  expect(stdout).toMatch(/^warning +kinds +1 of 2 selected resources are served; not served: leases \(coordination/m)
  expect(code).toBe(0)
})

test('a receiver that refuses, and one that is not there, fail the test push with what to do', async () => {
  const { run, endpoint, receiver } = await start()
  receiver.setFaults(() => ({ response: { kind: 'refusal', code: 16, message: 'who are you' } }))
  expect((await run(endpoint)).stdout).toMatch(/^failed +test push +.*\n +→ check otlp\.headers/m)
  await receiver.stop()
  const { code, stdout } = await run(endpoint)
  expect(stdout).toMatch(/^failed +test push +.*no process listens.*\n +→ check otlp\.endpoint/m)
  expect(code).toBe(1)
  expect((await run(endpoint, '--push=false')).stdout).toMatch(/^skipped +test push/m)
})

test('each destination gets a test push', async () => {
  const { run, endpoint, receiver } = await start()
  const second = `{name: second, endpoint: "http://${receiver.httpAddress}", protocol: http/protobuf}`
  const gone = '{name: gone, endpoint: "http://127.0.0.1:1"}'
  const { code, stdout } = await run(endpoint, `--destinations=[${second}, ${gone}]`)
  expect(stdout).toMatch(/^ok +test push +default, grpc http:.* accepted a sample/m)
  expect(stdout).toMatch(/^ok +test push +second, http\/protobuf http:.* accepted a sample/m)
  expect(stdout).toMatch(/^failed +test push +gone, grpc http:\/\/127\.0\.0\.1:1: .*no process listens/m)
  expect(code).toBe(1)
})

test('an API server that is away, or that refuses the credentials, is one finding', async () => {
  const { run, api } = await start()
  api.setTokens({ another: 'user' })
  expect((await run()).stdout).toMatch(/^failed +API server +.*\(401\)/m)
  await api.stop()
  const { stdout } = await run()
  expect(stdout).toMatch(/^failed +API server +.* does not answer: .*ECONNREFUSED/m)
  expect(stdout).not.toMatch(/rights|kinds/)
})

test('a clock that is wrong fails', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString())
    response.end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  const { code, stdout } = await runWithin(['doctor', `--apiserver=http://127.0.0.1:${port}`, '--resources=pods'])
  expect(stdout).toMatch(/^failed +clock +this machine is 3\d{3}\.\d s ahead of the API server\n +→ synchronize/m)
  expect(code).toBe(1)
})
