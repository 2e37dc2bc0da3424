/** The Markdown pages of the project: their links, anchors and command lines. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Page {
  readonly path: string
  readonly text: string
}

export function readPages(): Page[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    encoding: 'utf8',
  })
  return files
    .trim()
    .split('\n')
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

/** The text without code, where brackets and number signs mean something else. */
const prose = (text: string) =>
  text
    .replaceAll(/^( *)```[\s\S]*?^\1```/gm, '')
    .replaceAll(/^ {4}.*$/gm, '')
    .replaceAll(/`[^`\n]+`/g, (code) => code.replaceAll(/[[\]()#]/g, '_'))

export interface Link {
  /** From the root of the project; the page itself for an anchor alone. */
  readonly file: string
  readonly anchor: string | undefined
}

/** The links to files of the project. */
export function linksOf({ path, text }: Page): Link[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#')
      return { file: file === '' ? path : join(dirname(path), file), anchor }
    })
}

/** The anchors of headings, as GitHub forms them. */
export function anchorsOf({ text }: Page): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\p{Mark} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`
    anchors.add(anchor)
  }
  return anchors
}

export interface CommandLine {
  readonly page: string
  readonly line: string
  /** Without variables in front, comments, pipes and redirections. */
  readonly words: readonly string[]
}

const programs = ['kube-state-otlp', 'npx', 'npm', 'node', 'kubectl', 'helm', 'docker', 'kind', 'prometheus', 'otelcol']
const commandLine = new RegExp(`^(?: {4,}|\\$ )(?:[A-Z_]+=\\S+ )*((?:${programs.join('|')}) .+)$`, 'gm')
const inlineCommand = /`(kube-state-otlp(?: [^`…]+)?|npx kube-state-otlp [^`…]+|npm (?:run|test|ci)[^`…]*)`/g

/** The lines of code that start one of the known programs, and commands within sentences. */
export function commandLinesOf({ path, text }: Page): CommandLine[] {
  const lines = [...text.matchAll(commandLine), ...text.matchAll(inlineCommand)].map(([, line = '']) => line)
  return lines.flatMap((line) => commandsOf(line).map((words) => ({ page: path, line, words })))
}

/** The commands of a pipe that are known programs. */
function commandsOf(line: string): string[][] {
  const [withoutComment = ''] = line.split(/ +# /)
  const commands = withoutComment.split(/ +(?:\||&&) /).map(wordsOf)
  return commands.filter(([program = '']) => programs.includes(program))
}

function wordsOf(command: string): string[] {
  const [withoutRedirection = ''] = command.split(/ +>/)
  return [...withoutRedirection.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ''))
}
