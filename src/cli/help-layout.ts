/** Owns the layout of help on a terminal: lines of a width that any has, names left, what they mean right. */

/** Wide enough for sentences, narrow enough for half a screen. */
const pageWidth = 100
/** Where meanings begin; a longer name has a line of its own. */
const meaningColumn = 34

/** Breaks a text between words, every line indented. */
export function wrap(text: string, indent = 0, width: number = pageWidth): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each).join('\n')
}

/** A name and what it means. */
export type HelpItem = readonly [name: string, meaning: string]

/** A title, and under it each name beside what it means. */
export function layItems(title: string, items: readonly HelpItem[], column: number = meaningColumn): string {
  return [`${title}:`, ...items.map((item) => layItem(item, column))].join('\n')
}

function layItem([name, meaning]: HelpItem, column: number): string {
  const wrapped = wrap(meaning, column)
  const head = `  ${name}`
  if (head.length > column - 2) return `${head}\n${wrapped}`
  return head.padEnd(column) + wrapped.slice(column)
}
