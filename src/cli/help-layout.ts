/** The layout of help texts: names on the left, descriptions on the right. */

const pageWidth = 100
/** The column of descriptions; a longer name has its own line. */
const meaningColumn = 34

/** Wraps a text between words and indents each line. */
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

/** A name and its description. */
export type HelpItem = readonly [name: string, meaning: string]

/** A title, followed by names with their descriptions. */
export function layItems(title: string, items: readonly HelpItem[], column: number = meaningColumn): string {
  return [`${title}:`, ...items.map((item) => layItem(item, column))].join('\n')
}

function layItem([name, meaning]: HelpItem, column: number): string {
  const wrapped = wrap(meaning, column)
  const head = `  ${name}`
  if (head.length > column - 2) return `${head}\n${wrapped}`
  return head.padEnd(column) + wrapped.slice(column)
}
