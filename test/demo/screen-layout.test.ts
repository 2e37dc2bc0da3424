/** The layout of the view at any width. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatCount, formatElapsed, formatLatency, plural } from '../../demo/number-format.ts'
import { layOut, summarize } from '../../demo/screen-layout.ts'
import type { Line } from '../../demo/spans.ts'
import { clip, span, textOf, widthOf } from '../../demo/spans.ts'
import { createScreen, paint } from '../../demo/terminal.ts'
import type { DemoView } from '../../demo/view.ts'

const view: DemoView = {
  version: '1.2.3',
  settings: { pods: 500, churn: 5, seed: 1, faults: false, durationMs: undefined, logFile: undefined, open: false },
  elapsedMs: 72_000,
  metricsUrl: 'http://127.0.0.1:8080/metrics',
  selfUrl: 'http://127.0.0.1:8081/metrics',
  statusUrl: 'http://127.0.0.1:8081/',
  endpoint: 'http://127.0.0.1:40123',
  sync: { done: 39, total: 39, tookMs: 1420 },
  objects: 1998,
  series: 32_920,
  perSecond: { points: 712.4, bytes: 201_000, requests: 1.1 },
  changesPerSecond: 18.2,
  pending: 1,
  pendingMarkers: 0,
  receiver: {
    liveSeries: 32_920,
    staleMarkers: 1203,
    refresh: { ticks: [600, 600, 606], mean: 602, highest: 606 },
    latency: { count: 289, p50Ms: 521, p99Ms: 1014 },
    pending: 3,
  },
  problem: undefined,
  rssBytes: 142e6,
}
const texts = (width: number, changed: Partial<DemoView> = {}) => layOut({ ...view, ...changed }, width).map(textOf)
const lineOf = (label: string, changed: Partial<DemoView> = {}) =>
  texts(110, changed).find((line) => line.startsWith(`${label} `))

describe('the summary', () => {
  test('has all lines', () => {
    expect(texts(100)).toMatchInlineSnapshot(`
      [
        "kube-state-otlp 1.2.3  demo                                                                   1m 12s",
        "simulated cluster: 500 pods, 5 changes per second, seed 1, no fault injection",
        "",
        "/metrics   http://127.0.0.1:8080/metrics",
        "self       http://127.0.0.1:8081/metrics  self-metrics",
        "OTLP       http://127.0.0.1:40123  embedded receiver",
        "",
        "synced     ████████████████████████████ 39/39 resources after 1.42 s",
        "holds      1,998 objects  32,920 series",
        "sends      712 points/s  201 kB/s  1.1 requests/s",
        "refresh    ▇▇▇ 602 points per tick on average, at most 1.01 times that",
        "changes    18 objects/s  received after p50 0.52 s  p99 1.01 s  289 in the last minute, 3 pending",
        "received   32,920 live series = store  1,203 stale markers",
        "pending    1 object  0 ended series",
        "problems   none",
        "memory     142 MB of this process: simulator and receiver included",
        "",
        "Look at next",
        "browser    http://127.0.0.1:8081/  resources, push, top families, series of one object",
        "shell      curl -s http://127.0.0.1:8080/metrics | grep kube_pod_status_phase",
        "cluster    npx kube-state-otlp doctor  checks your own cluster; docs/getting-started.md",
        "Ctrl-C ends the demo and compares both sides.",
      ]
    `)
  })

  test('shows the progress of the sync', () => {
    const line = lineOf('synced', { sync: { done: 10, total: 40, tookMs: undefined } })
    expect(line).toBe(`synced     ${'█'.repeat(7)}${'░'.repeat(21)} 10/40 resources …`)
  })

  test('has the pending changes and series', () => {
    const receiver = { ...view.receiver!, liveSeries: 32_000, latency: undefined, refresh: undefined }
    expect(lineOf('received', { receiver })).toContain('32,000 live series, 920 pending')
    expect(lineOf('changes', { receiver })).toContain('none received in the last minute')
    expect(lineOf('refresh', { receiver })).toContain('measuring …')
  })

  test('has the latest problem and the number of warnings', () => {
    const problem = { text: 'OTLP push failing; retrying (retryable: UNAVAILABLE)', agoMs: 8000, count: 3 }
    expect(lineOf('problems', { problem })).toBe(`problems   ${problem.text}  8s ago, 3 warnings`)
  })

  test('omits the measurements at the receiver if it is the user’s Collector', () => {
    const lines = texts(110, { receiver: undefined })
    expect(lines.filter((line) => /^(refresh|changes|received) /.test(line))).toEqual([])
    expect(lines.find((line) => line.startsWith('OTLP'))).toContain('your Collector')
    expect(lines.find((line) => line.startsWith('receiver'))).toContain('not measured')
    expect(summarize({ ...view, receiver: undefined })).not.toContain('live series')
  })

  test('has the same number of lines at every width, none of them wider', () => {
    const lines = layOut(view, 200).length
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (width) => {
        const laidOut = layOut(view, width)
        expect(laidOut.length).toBe(lines)
        expect(Math.max(...laidOut.map(widthOf))).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('has a one-line form for output without terminal', () => {
    expect(summarize(view)).toBe(
      '1m 12s  synced 39/39 | 1,998 objects, 32,920 series | 712 points/s, 201 kB/s | changes after p50 0.52 s, p99 1.01 s | pending 1 object, 0 ended series | received 32,920 live series',
    )
  })
})

test('a line that is too long is truncated with an ellipsis', () => {
  const line: Line = [span('abc', 'good'), span('def')]
  expect(clip(line, 6)).toBe(line)
  expect(clip(line, 5)).toEqual([span('abc', 'good'), span('d'), span('…', 'faint')])
  expect(textOf(clip(line, 1))).toBe('…')
})

test('tones become colours if colours are enabled', () => {
  const line: Line = [span('a', 'good'), span('b')]
  expect(paint(line, true)).toBe('\x1b[32ma\x1b[0mb')
  expect(paint(line, false)).toBe('ab')
})

describe('the screen', () => {
  const draw = (...steps: readonly (readonly [columns: number, rows: number, lines: number])[]) => {
    let written: string[] = []
    const terminal = { columns: 80, rows: 24, write: (text: string) => written.push(text) }
    const screen = createScreen(terminal, false)
    for (const [columns, rows, lines] of steps) {
      written = []
      Object.assign(terminal, { columns, rows })
      screen.draw(Array.from({ length: lines }, (_, i) => [span(`${i}`)]))
    }
    return written.join('')
  }

  test('draws at the cursor, then over the lines drawn before', () => {
    expect(draw([80, 24, 2])).toBe('\x1b[?25l0\x1b[K\n1\x1b[K\n\x1b[J')
    expect(draw([80, 24, 2], [80, 24, 1])).toBe('\x1b[?25l\x1b[2A\r0\x1b[K\n\x1b[J')
  })

  test('draws at most as many lines as the screen has', () => {
    expect(draw([80, 3, 5], [80, 3, 5])).toBe('\x1b[?25l\x1b[2A\r0\x1b[K\n1\x1b[K\n\x1b[J')
  })

  test('starts from the top after a resize', () => {
    expect(draw([80, 24, 1], [60, 24, 1])).toBe('\x1b[?25l\x1b[2J\x1b[H0\x1b[K\n\x1b[J')
  })
})

test.each([
  [formatCount(0), '0'],
  [formatCount(1.25), '1.3'],
  [formatCount(31_204.4), '31,204'],
  [formatBytes(999), '999 B'],
  [formatBytes(1000), '1.0 kB'],
  [formatBytes(99_960), '100 kB'],
  [formatBytes(18_140_000), '18.1 MB'],
  [formatBytes(999_600), '1.0 MB'],
  [formatLatency(8.4), '8 ms'],
  [formatLatency(520), '0.52 s'],
  [formatLatency(75_400), '75 s'],
  [formatLatency(720_000), '12 min'],
  [formatElapsed(8900), '8s'],
  [formatElapsed(72_000), '1m 12s'],
  [formatElapsed(7_500_000), '2h 5m'],
  [plural(1, 'object'), '1 object'],
  [plural(2, 'series'), '2 series'],
  [plural(1.02, 'request'), '1 request'],
])('words: %s', (actual, expected) => expect(actual).toBe(expected))
