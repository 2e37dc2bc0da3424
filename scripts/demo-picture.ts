/** Draws docs/demo.svg: one frame of the demo, from a real run of 75 seconds. */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDemo } from '../demo/demo.ts'
import { configureDemo } from '../demo/demo-configuration.ts'
import { finishDemo, isConsistent } from '../demo/final-report.ts'
import { limitHeapGrowth } from '../demo/heap-growth.ts'
import { createProblemLog } from '../demo/problem-log.ts'
import { layOut } from '../demo/screen-layout.ts'
import type { Line, Tone } from '../demo/spans.ts'
import { span } from '../demo/spans.ts'
import packageJson from '../package.json' with { type: 'json' }

const runSeconds = 75
const columns = 100
const cell = { width: 8.4, height: 20 }
const margin = { side: 20, top: 52, bottom: 18 }
const colours: Record<Tone, string> = {
  plain: '#c9d1d9',
  strong: '#f0f6fc',
  faint: '#8b949e',
  good: '#3fb950',
  bad: '#ff7b72',
  accent: '#79c0ff',
}

async function recordFrame(): Promise<readonly Line[]> {
  limitHeapGrowth()
  const context = {
    version: packageJson.version,
    env: {},
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    readFile: (path: string) => readFileSync(path, 'utf8'),
    signal: new AbortController().signal,
  }
  const demo = await startDemo({
    settings: { pods: 500, churn: 5, seed: 1, faults: false, durationMs: undefined, logFile: undefined, open: false },
    version: context.version,
    hasReceiver: true,
    configure: (places) => configureDemo([], places, context),
    log: await createProblemLog(undefined),
  })
  if (demo === undefined) throw new Error('the configuration of the demo is invalid')
  let frame = layOut(await demo.view(), columns)
  while (demo.elapsedMs() < runSeconds * 1000) {
    await sleep(1000)
    frame = layOut(await demo.view(), columns)
  }
  if (!isConsistent(await finishDemo(demo)))
    throw new Error('the series differ at the end of the run; no picture was written')
  return frame
}

const blocks = '▁▂▃▄▅▆▇█'
const escapeMarkup = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
const number = (value: number) => String(Math.round(value * 100) / 100)

/** Text at a column; its length is fixed, so that every font keeps the columns. */
function drawText(text: string, column: number, y: number, tone: Tone): string {
  const x = margin.side + column * cell.width
  const weight = tone === 'strong' ? ' font-weight="600"' : ''
  const length = number([...text].length * cell.width)
  return `<text x="${number(x)}" y="${number(y)}" fill="${colours[tone]}"${weight} textLength="${length}" xml:space="preserve">${escapeMarkup(text)}</text>`
}

/** A run of one block character as a rectangle: fonts draw them each in its own way. */
function drawBlock(run: string, column: number, y: number, tone: Tone): string {
  const isShade = run.startsWith('░')
  const eighths = isShade ? 8 : blocks.indexOf(run[0] ?? '') + 1
  const height = (14 * eighths) / 8
  const x = margin.side + column * cell.width
  const width = run.length * cell.width
  const opacity = isShade ? ' opacity="0.25"' : ''
  return `<rect x="${number(x)}" y="${number(y + 3 - height)}" width="${number(width)}" height="${number(height)}" fill="${colours[tone]}"${opacity}/>`
}

function drawLine(line: Line, row: number): string[] {
  const y = margin.top + (row + 0.75) * cell.height
  const drawn: string[] = []
  let column = 0
  for (const { text, tone } of line) {
    for (const [run] of text.matchAll(/([░▁-█])\1*|[^░▁-█]+/g)) {
      const isBlock = /^[░▁-█]/.test(run)
      if (run.trim() !== '') drawn.push((isBlock ? drawBlock : drawText)(run, column, y, tone))
      column += [...run].length
    }
  }
  return drawn
}

function drawPicture(lines: readonly Line[]): string {
  const width = number(2 * margin.side + columns * cell.width)
  const height = number(margin.top + lines.length * cell.height + margin.bottom)
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${22 + 20 * i}" cy="20" r="6" fill="${fill}"/>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    '<title>The summary of npm run demo</title>',
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...lights,
    ...lines.flatMap(drawLine),
    '</svg>',
    '',
  ].join('\n')
}

const prompt: readonly Line[] = [[span('$ ', 'good'), span('npm run demo')], []]
writeFileSync(new URL('../docs/demo.svg', import.meta.url), drawPicture([...prompt, ...(await recordFrame())]))
