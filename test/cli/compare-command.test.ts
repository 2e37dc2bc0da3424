/**
 * The command `compare`: exit codes, output forms, errors, and a changing cluster compared with a page that follows it.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { recordedFolder } from '../conformance/cases.ts'
import { runBehindPipe, runProgram, runWithin } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
afterAll(() => rmSync(folder, { recursive: true }))

const objects = join(recordedFolder, 'pods/quantities.yaml')
const recorded = join(recordedFolder, 'pods/quantities.prom')
const mutated = join(folder, 'mutated.prom')
const text = readFileSync(recorded, 'utf8')
writeFileSync(
  mutated,
  text
    .replace('# TYPE kube_pod_created gauge', '# TYPE kube_pod_created counter')
    .replace(/^kube_pod_info\{/m, 'kube_pod_information{')
    .replace(/^(kube_pod_restart_policy\{.*\}) .*/m, '$1 5'),
)
const compareArgs = ['compare', '-f', objects, '--resources=pods']

describe('compare', () => {
  test('ends with 0 when the pages are equal', async () => {
    const { code, stdout, stderr } = await runWithin([...compareArgs, '--against', recorded])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^equal: \d+ families and \d+ series, here and on .*quantities\.prom\n$/)
  })

  test.each(['label-conflicts', 'scoped-with-builtin'])('follows the rules for custom resources: %s', async (name) => {
    const path = join(recordedFolder, 'customresourcestate', name)
    const args = readFileSync(`${path}.args`, 'utf8').replaceAll('{dir}', join(path, '..')).split('\n').filter(Boolean)
    const { code, stdout, stderr } = await runWithin([
      'compare',
      ...args,
      '-f',
      `${path}.yaml`,
      '--against',
      `${path}.prom`,
    ])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringMatching(/^equal: /), stderr: '' })
  })

  test('exits with 1 and prints each family that differs', async () => {
    const { code, stdout } = await runWithin([...compareArgs, `--against=${mutated}`])
    expect(code).toBe(1)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => !line.startsWith('  '))).toEqual([
      'kube_pod_created: type gauge here, counter there',
      'kube_pod_info: 1 series only here',
      'kube_pod_information: family only there; 1 series only there',
      'kube_pod_restart_policy: 1 series with other values',
      expect.stringMatching(
        /^4 families differ: 1 series only there, 1 only here, 1 with other values \(here .*; there .*\)$/,
      ),
    ])
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}here {3}kube_pod_info\{.*\}$/))
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}there {2}kube_pod_information\{.*\}$/))
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}value {2}kube_pod_restart_policy\{.*\} {2}here 1, there 5$/),
    )
  })

  test('tells the same as JSON', async () => {
    const { code, stdout } = await runWithin([...compareArgs, `--against=${mutated}`, '--format=json', '--examples=0'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      against: mutated,
      readings: 1,
      differences: [
        { name: 'kube_pod_created', types: { ours: 'gauge', theirs: 'counter' } },
        { name: 'kube_pod_info', series: { onlyOurs: 1, onlyTheirs: 0, changed: 0 }, examples: { onlyOurs: [] } },
        { name: 'kube_pod_information', only: 'theirs' },
        { name: 'kube_pod_restart_policy', series: { onlyOurs: 0, onlyTheirs: 0, changed: 1 } },
      ],
    })
  })

  test('ignores families by pattern', async () => {
    const ignore = ['--ignore=^kube_pod_info', '--ignore', '_created$', '--ignore=policy']
    expect((await runWithin([...compareArgs, `--against=${mutated}`, ...ignore])).code).toBe(0)
  })

  test('reads the page of its standard input, and a URL again while it differs', async () => {
    expect((await runProgram([...compareArgs, '--against=-'], text)).code).toBe(0)
    let reads = 0
    const server = createServer((_request, response) => response.end(reads++ === 0 ? '# TYPE kube_a gauge\n' : text))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
    const { code, stdout } = await runWithin([...compareArgs, '--against', url, '--pause=0'])
    server.close()
    server.closeAllConnections()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/, after 2 readings of both\n$/)])
  })

  test('reads objects and page of a pipe that is empty for a while', async () => {
    const ofObjects = ['compare', '-f', '-', '--resources=pods', '--against', recorded]
    expect(await runBehindPipe(ofObjects, objects)).toMatchObject({ code: 0, stderr: '' })
    expect(await runBehindPipe([...compareArgs, '--against=-'], recorded)).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    [[], /^against: missing; expected the page to compare with, such as http/],
    [['--against=/none.prom'], /^cannot read \/none\.prom: no such file$/],
    [[`--against=${objects}`], /quantities\.yaml is not a metrics page: line 1 is "/],
    [['--against=-', '-f', '-'], /^against: the objects and the page cannot both be read from standard input$/],
    [['--against=x', '--format=xml'], /^format: expected text or json, got "xml"$/],
    [['--against=x', '--examples=some'], /^examples: expected a whole number of 0 or more, got "some"$/],
    [['--against=x', '--ignore=['], /^ignore: expected an ECMAScript regular expression \(.*\), got "\["$/],
    [['--against=x', '--resources=podz'], /^resources \(flag --resources\): .*podz/],
    [['--against=x', '-f', '/none.yaml'], /^cannot read \/none\.yaml: no such file or folder$/],
  ])('refuses %j in one line', async (args, words) => {
    const { code, stdout, stderr } = await runWithin([...compareArgs, ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^kube-state-otlp: .*\n$/)
    expect(stderr.slice('kube-state-otlp: '.length, -1)).toMatch(words)
  })
})
