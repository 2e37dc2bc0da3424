/** Formats of values: how they are parsed from text and YAML and written, with the simple formats. */

/** A parsed value, or a description of what was expected ("a whole number of 0 or more"). */
export type Reading<T> = { readonly value: T } | { readonly expected: string }

/** One kind of configuration value, `Written` in a file. `read(write(value))` returns the value. */
export interface Format<T, Written = T> {
  /** The placeholder in help; empty for a boolean, whose flag accepts a value only after `=`. */
  readonly placeholder: string
  /** Whether repeated flags are joined by commas instead of replacing each other. */
  readonly accumulates: boolean
  /** How kube-state-metrics treats an empty value in a file. By default, a key without value is ignored. */
  readonly empty?: {
    /** A key without a value (null) empties the collection. */
    readonly nullEmpties: true
    /** An empty map is ignored. */
    readonly mapNamesNothing: boolean
  }
  /** The text of a flag or of an environment variable. */
  parse(text: string): Reading<T>
  /** A value from YAML; text is parsed as in a flag. */
  read(input: unknown): Reading<T>
  /** The form in a configuration file. */
  write(value: T): Written
  /** The form that is printed, without what is secret of a value. A key that is secret as a whole has none. */
  show?(value: T): unknown
  /** JSON schema of that form, for editors; `read` accepts more notations. */
  readonly schema: JsonSchema
}

/** Keywords of a JSON schema, draft 7. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The format of a scalar, which is parsed equally from text and from YAML. */
export function scalar<T>(
  placeholder: string,
  expected: string,
  schema: JsonSchema,
  parse: Format<T>['parse'],
): Format<T> {
  return {
    placeholder,
    accumulates: false,
    parse,
    read: (input) => (isScalar(input) ? parse(String(input)) : { expected }),
    write: (value) => value,
    schema,
  }
}

/** Any text; `check` returns what is expected if a text is invalid. */
export function text(placeholder: string, check?: (text: string) => string | undefined): Format<string> {
  return scalar(placeholder, 'text', { type: ['string', 'number'] }, (input) => {
    const expected = check?.(input)
    return expected === undefined ? { value: input } : { expected }
  })
}

/** One of a few words, compared exactly. `hint` is appended to what is expected. */
export function choice<const T extends string>(words: readonly T[], hint = ''): Format<T> {
  const expected = `${words.join(' or ')}${hint}`
  return scalar(words.length === 1 ? 'word' : words.join('|'), expected, { enum: words }, (input) => {
    const value = words.find((word) => word === input)
    return value === undefined ? { expected } : { value }
  })
}

/** A whole number, in the notations of Go's flags: decimal, `0x`, `0o`, `0b`, underscores between digits. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Format<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`
  const expected = `a whole number ${range}`
  const bounds = { minimum: min, ...(max === Number.MAX_SAFE_INTEGER ? {} : { maximum: max }) }
  return scalar('number', expected, { type: 'integer', ...bounds }, (input) => {
    const value = parseInteger(input)
    return value === undefined || value < min || value > max ? { expected } : { value }
  })
}

/** True or false: the words of Go flags, and in files also those of YAML 1.1, like kube-state-metrics. */
export const boolean: Format<boolean> = {
  ...scalar<boolean>('', 'true or false', { type: 'boolean' }, (input) => readBoolean(input, goBooleans)),
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

/** Text, number or boolean: the type of an unquoted word in YAML. */
export function isScalar(input: unknown): input is string | number | boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean'
}

/** A mapping of YAML, as a plain object. */
export function isMapping(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
