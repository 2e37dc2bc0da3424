import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClusterOptions } from '../../../src/kubernetes/auth/cluster-access.ts'
import { KubernetesConfigError } from '../../../src/kubernetes/auth/cluster-access.ts'
import { locateCluster } from '../../../src/kubernetes/auth/locate-cluster.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
})

function write(name: string, content: unknown): string {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** A kubeconfig with the contexts `red` and `blue`. */
function kubeconfig(user: object = { token: 'secret' }, cluster: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'red',
    clusters: [
      { name: 'red', cluster: { server: 'https://red:6443', ...cluster } },
      { name: 'blue', cluster: { server: 'https://blue:6443' } },
    ],
    users: [{ name: 'me', user }],
    contexts: ['red', 'blue'].map((name) => ({ name, context: { cluster: name, user: 'me' } })),
  }
}

const locate = (options: ClusterOptions) => locateCluster({ environment: { HOME: folder }, ...options })

async function refusal(options: ClusterOptions): Promise<string> {
  const error = await locate(options).then(
    () => undefined,
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(KubernetesConfigError)
  return (error as Error).message.replaceAll(folder, 'FOLDER')
}

describe('the cluster', () => {
  it('is that of the kubeconfig, in its current context', async () => {
    const access = await locate({ kubeconfig: write('config', kubeconfig()) })
    expect(access.server.href).toBe('https://red:6443/')
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer secret' })
  })

  it('is that of another context, or at another address, if configured', async () => {
    const file = write('config', kubeconfig())
    expect((await locate({ kubeconfig: file, context: 'blue' })).server.host).toBe('blue:6443')
    const access = await locate({ kubeconfig: file, apiserver: 'http://127.0.0.1:8001' })
    expect(access.server.origin).toBe('http://127.0.0.1:8001')
    expect((await access.credentials()).headers.authorization).toBe('Bearer secret')
  })

  it('is that of the pod, before any file of the environment', async () => {
    const account = 'var/run/secrets/kubernetes.io/serviceaccount'
    write(`${account}/token`, 'from-the-pod\n')
    write(`${account}/ca.crt`, 'an authority')
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1')
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443')
    const KUBECONFIG = write('config', kubeconfig())
    const access = await locate({
      serviceAccountRoot: `${folder}/`,
      environment: { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBECONFIG },
    })
    expect(access.server.href).toBe('https://[fd00::1]/')
    expect(access.source).toBe('the service account of this pod')
    const { tls, headers } = await access.credentials()
    expect([String(tls.ca), headers]).toEqual(['an authority', { authorization: 'Bearer from-the-pod' }])
  })

  it('is that of $KUBECONFIG: the first file with a value wins, missing files are skipped', async () => {
    const first = write('first', { ...kubeconfig(), clusters: [{ name: 'red', cluster: { server: 'https://first' } }] })
    const second = write('second', kubeconfig())
    const KUBECONFIG = [join(folder, 'missing'), first, second].join(':')
    expect((await locate({ environment: { KUBECONFIG } })).server.host).toBe('first')
    expect((await locate({ environment: { KUBECONFIG }, context: 'blue' })).server.host).toBe('blue:6443')
  })

  it('is that of ~/.kube/config, else the address alone', async () => {
    expect((await locate({ apiserver: 'http://127.0.0.1:8001' })).server.port).toBe('8001')
    write('.kube/config', kubeconfig())
    expect((await locate({})).server.host).toBe('red:6443')
  })
})

describe('credentials', () => {
  it('are read again when they have been refused', async () => {
    const token = write('tokens/mine', 'one\n')
    const access = await locate({ kubeconfig: write('config', kubeconfig({ tokenFile: 'tokens/mine' })) })
    expect((await access.credentials()).headers.authorization).toBe('Bearer one')
    writeFileSync(token, 'two\n')
    expect((await access.credentials()).headers.authorization).toBe('Bearer one')
    access.renew()
    expect((await access.credentials()).headers.authorization).toBe('Bearer two')
  })

  it('may be a user name and a password, with impersonation', async () => {
    const user = { username: 'me', password: 'pass', as: 'somebody' }
    const access = await locate({ kubeconfig: write('config', kubeconfig(user)) })
    expect((await access.credentials()).headers).toEqual({
      authorization: `Basic ${Buffer.from('me:pass').toString('base64')}`,
      'impersonate-user': 'somebody',
    })
  })

  it('may be a certificate, and a name for TLS', async () => {
    write('me.crt', 'certificate')
    write('me.key', 'key')
    const user = { 'client-certificate': 'me.crt', 'client-key': 'me.key' }
    const cluster = { 'insecure-skip-tls-verify': true, 'tls-server-name': 'red.example' }
    const access = await locate({ kubeconfig: write('config', kubeconfig(user, cluster)) })
    const { tls } = await access.credentials()
    expect({ ...tls, cert: String(tls.cert), key: String(tls.key) }).toEqual({
      cert: 'certificate',
      key: 'key',
      servername: 'red.example',
      rejectUnauthorized: false,
    })
  })

  it('may come from a plugin, whose failure is reported', async () => {
    const plugin = write('plugin', '#!/bin/sh\nif [ -e "$MARK" ]; then echo broken >&2; exit 1; fi\necho "$ANSWER"\n')
    chmodSync(plugin, 0o755)
    const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'made' } }
    const mark = join(folder, 'mark')
    const env = Object.entries({ ANSWER: JSON.stringify(answer), MARK: mark }).map(([name, value]) => ({ name, value }))
    const access = await locate({ kubeconfig: write('config', kubeconfig({ exec: { command: plugin, env } })) })
    expect((await access.credentials()).headers.authorization).toBe('Bearer made')
    writeFileSync(mark, '')
    access.renew()
    await expect(access.credentials()).rejects.toThrow('broken')
  })

  it('go through the proxy that the kubeconfig names', async () => {
    const access = await locate({ kubeconfig: write('config', kubeconfig({}, { 'proxy-url': 'http://proxy:3128' })) })
    expect((await access.credentials()).proxyAgent).toBeDefined()
  })
})

describe('an unusable configuration is an error of one line', () => {
  it.each<[string, unknown, ClusterOptions, RegExp]>([
    ['a file that is no YAML', 'clusters: [', {}, /^kubeconfig FOLDER\/config: /],
    ['a file that is something else', 'kind: Pod', {}, /not a kubeconfig: it has neither clusters nor contexts$/],
    ['an entry without name', { clusters: [{ cluster: {} }] }, {}, /config: clusters\[0\].name is missing$/],
    [
      'an unknown context',
      kubeconfig(),
      { context: 'green' },
      /context "green" does not exist; choose one of red, blue$/,
    ],
    [
      'no context',
      { ...kubeconfig(), 'current-context': '' },
      {},
      /no current context is set; choose one of red, blue$/,
    ],
    ['no contexts at all', { clusters: [] }, {}, /no current context is set; it has no contexts$/],
    [
      'a missing cluster',
      { ...kubeconfig(), clusters: [] },
      {},
      /context red names the cluster "red", which does not exist$/,
    ],
    ['a missing user', { ...kubeconfig(), users: [] }, {}, /context red names the user "me", which does not exist$/],
    ['a bad address', kubeconfig({}, { server: 'red:6443' }), {}, /the server "red:6443" is not an http or https URL$/],
    [
      'a missing file',
      kubeconfig({ 'client-key': 'my.key' }),
      {},
      /ENOENT: no such file or directory, open 'FOLDER\/my.key'$/,
    ],
  ])('%s', async (_, content, options, expected) => {
    const message = await refusal({ kubeconfig: write('config', content), ...options })
    expect(message).toMatch(expected)
    expect(message).not.toContain('\n')
  })

  it('a kubeconfig that is not there', async () => {
    expect(await refusal({ kubeconfig: join(folder, 'nowhere') })).toMatch(/^kubeconfig FOLDER\/nowhere: ENOENT/)
  })

  it('nothing at all', async () => {
    expect(await refusal({})).toBe(
      'no cluster found: not running in a pod, $KUBECONFIG is not set and FOLDER/.kube/config does not exist; ' +
        'set kubeconfig or apiserver',
    )
  })
})

describe('a configuration that changes while the program runs', () => {
  it('starts a generation with its server, authority and user, when a file has changed', async () => {
    const file = write('config', kubeconfig({ token: 'one' }, { 'certificate-authority-data': btoa('first') }))
    const access = await locate({ kubeconfig: file })
    await access.credentials()
    const before = access.server.host
    const changed = { server: 'https://green:6443', 'certificate-authority-data': btoa('second') }
    write('config', kubeconfig({ token: 'two' }, changed))
    const { headers } = await access.credentials()
    expect([before, access.generation, headers.authorization]).toEqual(['red:6443', 1, 'Bearer one'])
    access.renewIfChanged()
    const credentials = await access.credentials()
    expect([access.server.host, access.generation]).toEqual(['green:6443', 2])
    expect([String(credentials.tls.ca), credentials.headers.authorization]).toEqual(['second', 'Bearer two'])
  })

  it('starts a generation when the content of the authority file has changed', async () => {
    write('ca.crt', 'first')
    const access = await locate({ kubeconfig: write('config', kubeconfig({}, { 'certificate-authority': 'ca.crt' })) })
    write('ca.crt', 'second')
    access.renewIfChanged()
    expect(String((await access.credentials()).tls.ca)).toBe('second')
    expect(access.generation).toBe(2)
  })

  it('is not read again while its files are the same, and starts no generation when its content is the same', async () => {
    const file = write('config', kubeconfig())
    const access = await locate({ kubeconfig: file })
    access.renewIfChanged()
    await access.credentials()
    access.renew()
    await access.credentials()
    expect(access.generation).toBe(1)
  })

  it('keeps its former values while the new ones cannot be used, and that is reported', async () => {
    const problems: string[] = []
    const file = write('config', kubeconfig())
    const access = await locate({ kubeconfig: file, onUnusable: ({ message }) => void problems.push(message) })
    write('config', '{ "apiVersion": "v1", "clus')
    access.renewIfChanged()
    expect((await access.credentials()).headers.authorization).toBe('Bearer secret')
    expect(problems).toHaveLength(1)
    write('config', kubeconfig({ token: 'other' }))
    expect((await access.credentials()).headers.authorization).toBe('Bearer other')
    expect([access.generation, problems.length]).toEqual([2, 1])
  })
})
