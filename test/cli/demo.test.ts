/** The command `demo`: on small clusters, as a process and within this one, with and without fault injection. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Demo } from '../../demo/demo.ts'
import { startDemo, waitUntil } from '../../demo/demo.ts'
import { configureDemo } from '../../demo/demo-configuration.ts'
import { finishDemo, isConsistent, layOutReport } from '../../demo/final-report.ts'
import { createProblemLog } from '../../demo/problem-log.ts'
import { textOf } from '../../demo/spans.ts'
import { createOtlpReceiver } from '../../simulator/otlp/receiver.ts'
import { runWithin } from './program.ts'

const context = {
  version: '0.0.0-test',
  env: {},
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path: string) => readFileSync(path, 'utf8'),
  signal: new AbortController().signal,
}

/** A small demo, on any free ports. */
async function start(faults: boolean, ...flags: string[]): Promise<Demo> {
  const demo = await startDemo({
    settings: { pods: 60, churn: 20, seed: 7, faults, durationMs: undefined, logFile: undefined, open: false },
    version: context.version,
    hasReceiver: true,
    configure: (places) => configureDemo(['--port=0', '--telemetry-port=0', ...flags], places, context),
    log: await createProblemLog(undefined),
  })
  if (demo === undefined) throw new Error('the configuration was refused')
  return demo
}

const patienceMs = 20_000
/** Synced, and so many changes timed. */
const hasTimedChanges = (demo: Demo, changes = 20) =>
  waitUntil(() => demo.syncedAfterMs() !== undefined && (demo.latencies.total()?.count ?? 0) >= changes, patienceMs)

describe('without faults', () => {
  test('every resource is synced, changes are timed, and both sides have the same counts', {
    timeout: 60_000,
  }, async () => {
    const demo = await start(false)
    expect(await hasTimedChanges(demo)).toBe(true)
    const view = await demo.view()
    expect(view.sync).toMatchObject({ done: 39, total: 39 })
    expect(view.receiver?.latency?.p50Ms).toBeGreaterThan(0)
    expect(view.perSecond.points).toBeGreaterThanOrEqual(0)
    const { receiver, kubeconfigPath } = demo.environment
    const report = await finishDemo(demo)
    expect(report.series).toMatchObject({ missing: [], extra: [], different: [] })
    expect(report.series?.expected).toBeGreaterThan(1000)
    expect(report.series?.received).toBe(receiver?.liveSet.size)
    expect(report.counts?.product).toMatchObject({ ...report.counts?.receiver, failed: 0 })
    expect(report.counts?.receiver?.points).toBeGreaterThan(report.series?.expected ?? 0)
    expect(report.staleMarkers).toBe(receiver?.liveSet.counters.staleMarkers)
    expect(report.staleMarkers).toBeGreaterThan(0)
    expect([...(receiver?.liveSet.problems ?? [])]).toEqual([])
    expect(receiver?.liveSet.counters).toMatchObject({ rejected: 0, outOfOrder: 0, conflicting: 0, staleNotNewer: 0 })
    expect(isConsistent(report)).toBe(true)
    expect(layOutReport(report).map(textOf).join('\n')).not.toContain('NOT EQUAL')
    expect(existsSync(kubeconfigPath)).toBe(false)
  })

  test('an unexpected series is reported', { timeout: 60_000 }, async () => {
    const demo = await start(false, '--resources=namespaces', '--otlp-constant-labels=cluster=demo')
    expect(await waitUntil(() => demo.observer.liveSeries > 0, patienceMs)).toBe(true)
    const { liveSet } = demo.environment.receiver!
    const [known] = liveSet.live().keys()
    expect(known).toContain('cluster="demo"}')
    liveSet.apply([foreignSeries(liveSet.targets()[0]!)])
    const report = await finishDemo(demo)
    expect(report.series?.extra).toEqual(['kube_namespace_created{namespace="foreign",cluster="demo"}'])
    expect(report.series?.missing).toEqual([])
    expect(isConsistent(report)).toBe(false)
    expect(layOutReport(report).map(textOf).join('\n')).toMatch(/NOT EQUAL\n +extra: kube_namespace_created/)
  })
})

function foreignSeries({ job, instance }: { job: string; instance: string }) {
  const point = {
    attributes: Object.entries({ namespace: 'foreign', cluster: 'demo' }),
    timeUnixNano: BigInt(Date.now()) * 1_000_000n,
    startTimeUnixNano: 0n,
    value: 1,
    noRecordedValue: false,
  }
  const metric = {
    name: 'kube_namespace_created',
    description: '',
    unit: '',
    type: 'gauge' as const,
    monotonic: false,
    temporality: 'unspecified' as const,
    metadata: [],
    points: [point],
  }
  return {
    attributes: Object.entries({ 'service.name': job, 'service.instance.id': instance }),
    scopes: [{ name: '', version: '', attributes: [], metrics: [metric] }],
  }
}

test('with fault injection, both sides are equal in the end', { timeout: 90_000 }, async () => {
  const demo = await start(true)
  const { received } = demo.environment.receiver!
  expect(await hasTimedChanges(demo)).toBe(true)
  expect(await waitUntil(() => received.refused + received.cut > 0 && demo.log.count > 0, patienceMs)).toBe(true)
  expect((await demo.view()).problem?.text).not.toBe('')
  const report = await finishDemo(demo)
  expect(report.series).toMatchObject({ missing: [], extra: [], different: [] })
  expect(report.warnings).toBeGreaterThan(0)
})

describe('as a command', () => {
  test('runs without a terminal and prints a report', { timeout: 60_000 }, async () => {
    const busy = createServer()
      .listen(8080, '127.0.0.1')
      .on('error', () => {})
    onTestFinished(() => void busy.close())
    const { code, stdout, stderr } = await runWithin(['demo', '--duration=6s', '--pods=60', '--churn=20'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\/metrics +http:\/\/127\.0\.0\.1:(?!8080)\d+\/metrics$/m)
    expect(stdout).toMatch(/^synced +39\/39 resources after /m)
    expect(stdout).toMatch(/counted: equal$/m)
    expect(stdout).toMatch(/expected from the objects: equal$/m)
  })

  test('says what to look at next, and opens the status page on request', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-open-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const opened = join(folder, 'opened')
    // The page is requested while the demo runs, as a browser does.
    const opener = `#!/bin/sh\necho "$1" > ${opened}\n${process.execPath} -e 'fetch(process.argv[1]).then((it) => it.text()).then((it) => fs.appendFileSync("${opened}", it))' "$1"\n`
    for (const program of ['xdg-open', 'open']) writeFileSync(join(folder, program), opener, { mode: 0o755 })
    const flags = ['--pods=30', '--duration=5s', '--churn=0', '--resources=nodes', '--port=0', '--telemetry-port=0']
    const { code, stdout } = await runWithin(['demo', '--open', ...flags], { PATH: `${folder}:${process.env.PATH}` })
    expect(code).toBe(0)
    const [, url = ''] = stdout.match(/^Status page opened: (http:\/\/127\.0\.0\.1:\d+\/)$/m) ?? []
    expect(stdout).toMatch(/^Look at next$/m)
    expect(stdout).toContain(`browser    ${url} `)
    const [given, ...page] = readFileSync(opened, 'utf8').split('\n')
    expect(given).toBe(url)
    expect(page.join('\n')).toContain('<title>')
  })

  test('prints the URL where no browser can be opened', { timeout: 60_000 }, async () => {
    const flags = ['--pods=30', '--duration=3s', '--churn=0', '--resources=nodes', '--port=0', '--telemetry-port=0']
    const { code, stdout } = await runWithin(['demo', '--open', ...flags], { PATH: '/nowhere' })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Status page cannot be opened \(.*ENOENT\): open http:\/\/127\.0\.0\.1:\d+\/ in a browser$/m,
    )
  })

  test('sends to the user’s Collector, without a comparison', { timeout: 60_000 }, async () => {
    const collector = await createOtlpReceiver()
    onTestFinished(() => collector.close())
    const flags = ['--resources=pods,nodes', '--port=0', '--telemetry-port=0']
    const args = ['demo', '--duration=4s', '--pods=30', `--otlp-endpoint=http://${collector.grpcAddress}`, ...flags]
    const { code, stdout } = await runWithin(args)
    expect(code).toBe(0)
    expect(stdout).toContain('your Collector')
    expect(stdout).not.toContain('equal')
    const [, points] = stdout.match(/^sent +([\d,]+) points/m) ?? []
    // A refresh may still leave between the counting and the end.
    expect(Number(points?.replaceAll(',', ''))).toBeGreaterThan(1000)
    expect(Number(points?.replaceAll(',', ''))).toBeLessThanOrEqual(collector.liveSet.counters.points)
  })

  test('ends on Ctrl-C, writes the log file, and leaves no other files', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const logFile = join(folder, 'log')
    const flags = ['--pods=30', '--resources=pods,nodes', `--log-file=${logFile}`, '--port=0', '--telemetry-port=0']
    const main = join(import.meta.dirname, '../../src/main.ts')
    const env = { PATH: process.env.PATH, TMPDIR: folder }
    const child = spawn(process.execPath, [main, 'demo', ...flags], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', (chunk) => String(chunk).includes('synced 2/2') && child.kill('SIGINT'))
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(code).toBe(0)
    expect(stdout).toContain('expected from the objects: equal')
    expect(readFileSync(logFile, 'utf8')).toMatch(/^\{"level":"info".*"message":"pushing object state over OTLP"/m)
    expect(readdirSync(folder)).toEqual(['log'])
  })

  test.each([
    [['--pods=12'], 'pods: expected a whole number from 30 to 200000, got "12"'],
    [['--churn', 'fast'], 'churn: expected a whole number from 0 to 10000, got "fast"'],
    [['--duration=10'], 'duration: expected a duration with its unit, such as 60s or 1m30s, from 1s to 24h, got "10"'],
    [['--log-file=/nowhere/at/all'], "log-file: ENOENT: no such file or directory, open '/nowhere/at/all'"],
    [
      ['--kubeconfig=/etc/kubeconfig'],
      'kubeconfig: not available in the demo, which has a cluster and a receiver of its own; remove it',
    ],
    [
      ['--apiserver=http://localhost:1'],
      'apiserver: not available in the demo, which has a cluster and a receiver of its own; remove it',
    ],
    [['--resources=podz'], 'resources'],
  ])('refuses %j in one line', async (args, words) => {
    const { code, stdout, stderr } = await runWithin(['demo', ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).toContain(words)
  })

  test('ignores environment variables that are meant for a real cluster', { timeout: 60_000 }, async () => {
    const env = { KUBE_STATE_OTLP_APISERVER: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const flags = ['--pods=30', '--duration=3s', '--churn=0', '--resources=nodes', '--port=0', '--telemetry-port=0']
    const { code, stdout } = await runWithin(['demo', ...flags], env)
    expect(code).toBe(0)
    expect(stdout).toContain('embedded receiver')
    expect(stdout).toMatch(/expected from the objects: equal$/m)
  })
})
