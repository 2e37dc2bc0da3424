/** Owns what a kind of value is: how its text and its YAML are read and written, and the simple kinds. Knows no key and no source. */

/** A value that was understood, or the words for what would have been right ("a whole number of 0 or more"). */
export type Reading<T> = { readonly value: T } | { readonly expected: string }

/** One kind of configuration value, `Written` in a file. `read(write(value))` returns the value. */
export interface Format<T, Written = T> {
  /** What help prints behind the flag; empty for a boolean, whose flag takes a value only behind `=`. */
  readonly placeholder: string
  /** A repeated flag adds to the former ones, joined by commas, rather than replacing them. */
  readonly accumulates: boolean
  /** How kube-state-metrics treats an empty value in a file. Without it, a key without a value names nothing. */
  readonly empty?: {
    /** A key without a value (null) empties the collection. */
    readonly nullEmpties: true
    /** An empty map names nothing. */
    readonly mapNamesNothing: boolean
  }
  /** The text of a flag or of an environment variable. */
  parse(text: string): Reading<T>
  /** A value as YAML gives it; text is read as in a flag. */
  read(input: unknown): Reading<T>
  /** The form that a configuration file holds. */
  write(value: T): Written
}

/** Lets `read` differ from `parse` for what is not text; everything else of a scalar is the same. */
export function scalar<T>(placeholder: string, expected: string, parse: Format<T>['parse']): Format<T> {
  return {
    placeholder,
    accumulates: false,
    parse,
    read: (input) => (isScalar(input) ? parse(String(input)) : { expected }),
    write: (value) => value,
  }
}

/** Any text; `check` says what is expected of a text that it does not like. */
export function text(placeholder: string, check?: (text: string) => string | undefined): Format<string> {
  return scalar(placeholder, 'text', (input) => {
    const expected = check?.(input)
    return expected === undefined ? { value: input } : { expected }
  })
}

/** One of a few words, compared exactly. `hint` is appended to what is expected. */
export function choice<const T extends string>(words: readonly T[], hint = ''): Format<T> {
  const expected = `${words.join(' or ')}${hint}`
  return scalar(words.length === 1 ? 'word' : words.join('|'), expected, (input) => {
    const value = words.find((word) => word === input)
    return value === undefined ? { expected } : { value }
  })
}

/** A whole number, in the notations of Go's flags: decimal, `0x`, `0o`, `0b`, underscores between digits. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Format<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`
  const expected = `a whole number ${range}`
  return scalar('number', expected, (input) => {
    const value = parseInteger(input)
    return value === undefined || value < min || value > max ? { expected } : { value }
  })
}

/** True or false: the words of Go's flags, and in files those of YAML 1.1, which kube-state-metrics reads as well. */
export const boolean: Format<boolean> = {
  ...scalar<boolean>('', 'true or false', (input) => readBoolean(input, goBooleans)),
  read: (input) => readBoolean(String(input), yamlBooleans),
}

const goBooleans = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
])

const yamlBooleans = new Map([
  ...goBooleans,
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

function readBoolean(input: string, words: ReadonlyMap<string, boolean>): Reading<boolean> {
  const value = words.get(input)
  return value === undefined ? { expected: 'true or false' } : { value }
}

function parseInteger(input: string): number | undefined {
  const match = /^([+-]?)(0x[0-9a-f]+|0o?[0-7]+|0b[01]+|0|[1-9][0-9]*)$/i.exec(input.replaceAll(/(?<=\w)_(?=\w)/g, ''))
  if (match?.[2] === undefined) return undefined
  const digits = /^0[0-7]/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2]
  const value = Number(digits) * (match[1] === '-' ? -1 : 1)
  return Number.isSafeInteger(value) ? value + 0 : undefined
}

/** Text, number or boolean: what YAML makes of one unquoted word. */
export function isScalar(input: unknown): input is string | number | boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean'
}

/** A mapping of YAML, as a plain object. */
export function isMapping(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
