/** Errors of the operator: one line for each problem, exit code 2, no stack trace, nothing on stdout. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Ending } from './program.ts'
import { runProgram, runWithin } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'refusals-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const kubeconfig = write(
  'kubeconfig',
  `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {}}]
current-context: c
`,
)
const secureKubeconfig = write(
  'secure-kubeconfig',
  readFileSync(kubeconfig, 'utf8').replace('http://127.0.0.1:1', 'https://192.0.2.1:6443'),
)
const brokenWebConfig = write('web.yml', 'listen: 1\nrate_limit: [1]\n')
const brokenYaml = write('broken.yaml', 'kind: [Pod\n')
const noKubeconfig = write('not-a-kubeconfig', '{]')

type Refusal = readonly [args: readonly string[], lines: readonly RegExp[]]

/** One of each kind as a process of its own; the others need none. */
const ofProcesses: readonly Refusal[] = [
  [['--kubeconfig=/none'], [/^kubeconfig \/none: .*/]],
  [
    ['--port=eighty', '--shard=-1', '--resorces=pods'],
    [
      /^port \(flag --port\): expected a whole number from 0 to 65535, got "eighty"$/,
      /^shard \(flag --shard\): /,
      /^--resorces: expected a known flag; did you mean --resources\?$/,
    ],
  ],
  [['render', '-f', brokenYaml], [/^.*broken\.yaml: not valid YAML: /]],
  [['config', '--push-interval=fast'], [/^push\.interval \(flag --push-interval\): .*"fast"/]],
  [['rbac', '--service-account=here'], [/^service-account: expected NAMESPACE\/NAME, got "here"$/]],
  [['metrics', 'nothing-like-it'], [/^no resource and no metric name matches "nothing-like-it"/]],
  [['compare', '-f', brokenYaml, '--against=x'], [/^.*broken\.yaml: not valid YAML: /]],
]

/** Nothing was started, so nothing else is reported: neither a receiver that is not there, nor flags without effect. */
const pushing = ['--otlp-endpoint=http://receiver.invalid:4317', '--port=0', '--telemetry-port=0', '--v=4']
const beforeAnythingRuns: readonly Refusal[] = [
  [[...pushing], [/^no cluster /]],
  [[...pushing, '--kubeconfig=/none'], [/^kubeconfig \/none: /]],
  [[...pushing, `--kubeconfig=${kubeconfig}`, '--context=other'], [/context.*other/]],
  [[...pushing, `--kubeconfig=${kubeconfig}`, '--host=300.1.1.1'], [/^cannot listen on 300\.1\.1\.1:0/]],
]

const others: readonly Refusal[] = [
  [[`--kubeconfig=${noKubeconfig}`], [/not-a-kubeconfig/]],
  [[`--kubeconfig=${kubeconfig}`, '--context=other'], [/context.*other/]],
  [['--resources=podz'], [/^resources \(flag --resources\): .*podz/]],
  [['--config=/none.yaml'], [/^config \(flag --config\): expected a readable file \(ENOENT\), got "\/none\.yaml"$/]],
  [[`--config=${brokenYaml}`], [/broken\.yaml/]],
  [
    [`--kubeconfig=${kubeconfig}`, '--log-level=silent', `--tls-config=${brokenWebConfig}`],
    [/web\.yml: listen: expected a known key/, /web\.yml: rate_limit: expected a mapping/],
  ],
  [['render', '-f', '/none.yaml'], [/^cannot read \/none\.yaml: no such file or folder$/]],
  [['render', '--resources=podz'], [/^resources \(flag --resources\): .*podz/]],
  [['render', 'pod.yaml'], [/^pod\.yaml: expected no argument here; use -f for files$/]],
  [['render', '-f'], [/^filename: expected a value after -f$/]],
  [['render', '-f', ''], [/^filename: expected a value after -f$/]],
  [['metrics', '--format'], [/^format: expected a value after --format$/]],
  [
    ['demo', '--pods=3', '--duration=1'],
    [/^pods: expected a whole number from 30 to 200000, got "3"$/, /^duration: expected .* from 1s to 24h, got "1"$/],
  ],
  [['config', '--changed=no'], [/^changed: expected true or false, got "no"$/]],
  [
    ['compare', 'ksm.prom', '--ports=1'],
    [
      /^--ports: expected a known flag; did you mean --port\?$/,
      /^ksm\.prom: expected no argument here; use --against for the page and -f for files$/,
    ],
  ],
  [['compare', '--against=x', '--kubeconfig=/none'], [/^kubeconfig \/none: .*/]],
]

function check({ code, stdout, stderr }: Ending, expected: readonly RegExp[]): void {
  expect([code, stdout]).toEqual([2, ''])
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(expected.length)
  for (const [i, line] of lines.entries()) {
    expect(line).toMatch(/^kube-state-otlp: /)
    expect(line.slice('kube-state-otlp: '.length)).toMatch(expected[i] as RegExp)
  }
}

test.each(ofProcesses)('the process %j', async (args, lines) => check(await runProgram(args), lines))

test.each(beforeAnythingRuns)('the process %j, in one line', async (args, lines) =>
  check(await runProgram(args, '', { HOME: '/nonexistent' }), lines),
)

test.each([
  ['socks5://proxy.invalid:1', /^HTTPS_PROXY: not the http:\/\/ URL of a proxy; list 192\.0\.2\.1:6443 in NO_PROXY/],
  ['http://user:%zz@proxy.invalid:1', /^HTTPS_PROXY: the login of the proxy is not percent-encoded; /],
])('the process behind HTTPS_PROXY=%s, in one line', async (proxy, line) => {
  const args = ['--port=0', '--telemetry-port=0', `--kubeconfig=${secureKubeconfig}`]
  check(await runProgram(args, '', { HTTPS_PROXY: proxy }), [line])
})

test.each(others)('%j', async (args, lines) => check(await runWithin(args), lines))

test.each(['--port', '--telemetry-port'])('a taken %s', async (flag) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const free = ['--host=127.0.0.1', '--port=0', '--telemetry-host=127.0.0.1', '--telemetry-port=0']
  const args = [`--kubeconfig=${kubeconfig}`, '--log-level=silent', ...free, `${flag}=${port}`]
  const ending = await runProgram(args)
  server.close()
  check(ending, [new RegExp(`\\b${port}\\b`)])
})
