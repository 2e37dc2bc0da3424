/**
 * Parses Kubernetes quantities (`100m`, `2Gi`, `12e6`) exactly as Go's resource.Quantity does, including rounding and
 * 64-bit overflow.
 */

import { scanInteger, scanThousandths } from './quantity-scan.ts'

/** Thrown for text that is not a quantity. */
export class QuantityError extends Error {
  readonly text: string

  constructor(text: string) {
    super(`not a Kubernetes quantity: ${JSON.stringify(text)}`)
    this.name = 'QuantityError'
    this.text = text
  }
}

/**
 * `unscaled` times ten to the power of `exponent`. Go stores short numbers as int64 and all others as decimals of any
 * length; `form` records which, because rounding and overflow differ.
 */
export interface Quantity {
  readonly form: 'int64' | 'decimal'
  readonly unscaled: bigint
  readonly exponent: number
}

const maxInt64 = 2n ** 63n - 1n
const nano = -9

/** The largest number of units whose thousandths fit 64 bits. */
const maxMilliValue = 9223372036854775n

/** A decimal with a larger exponent has only zeros in the lower 64 bits, and is infinite as a float. */
const largestExponent = 400

/** No digit can belong to two parts, so that a long text that is not a quantity is refused in linear time. */
const quantityPattern = /^([+-]?)(0*)((?:[1-9]\d*)?)(?:\.(\d*))?((?:[eEinumkKMGTP]+[+-]?\d*|[+-]\d*)?)$/

const decimalSuffixes = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])

const binarySuffixes = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
])

/**
 * Parses a quantity in every form that Go accepts: a sign, no digits before a suffix, leading zeros, exponents.
 * White space is an error. More than nine decimals are rounded up to nano. Throws a `QuantityError`.
 */
export function parseQuantity(text: string): Quantity {
  const match = text === '' ? null : quantityPattern.exec(text)
  if (match === null) throw new QuantityError(text)
  const [, sign, zeros = '', stripped = '', decimals = '', suffix = ''] = match
  const hasDigit = zeros + stripped + decimals !== ''
  const number = { negative: sign === '-', integer: stripped || '0', decimals, hasDigit }
  const binaryExponent = binarySuffixes.get(suffix)
  const decimalExponent = decimalSuffixes.get(suffix) ?? readExponent(suffix)
  let quantity: Quantity | undefined
  if (binaryExponent !== undefined) quantity = readBinary(number, binaryExponent)
  else if (decimalExponent !== undefined) quantity = readDecimal(number, decimalExponent)
  if (quantity === undefined) throw new QuantityError(text)
  return quantity
}

/** Whether `parseQuantity` accepts the text. */
export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch {
    return false
  }
}

/**
 * The quantity as a whole number, rounded away from zero, as the float64 of an int64 (which may have wrapped around).
 * White space around the text is ignored, as in Go's JSON. Throws a `QuantityError`.
 */
export function quantityValue(text: string): number {
  const integer = scanInteger(text)
  if (!Number.isNaN(integer)) return integer
  const thousandths = scanThousandths(text)
  if (!Number.isNaN(thousandths)) return Math.ceil(thousandths / 1000)
  return cached(exactValues, text, exactValue)
}

/**
 * The quantity in thousandths, rounded away from zero, as a float64 and then divided by 1000. Above 9223372036854775
 * it is the `quantityValue`. White space around the text is ignored, as in Go's JSON. Throws a `QuantityError`.
 */
export function quantityMilliValue(text: string): number {
  const integer = scanInteger(text)
  // The product is rounded to a float64 just as Go's conversion from int64 would.
  if (!Number.isNaN(integer)) return (integer * 1000) / 1000
  const thousandths = scanThousandths(text)
  if (!Number.isNaN(thousandths)) return thousandths / 1000
  return cached(exactMilliValues, text, exactMilliValue)
}

function exactValue(text: string): number {
  return Number(scaledInt64(parseQuantity(text.trim()), 0))
}

function exactMilliValue(text: string): number {
  const quantity = parseQuantity(text.trim())
  const value = scaledInt64(quantity, 0)
  if (value > maxMilliValue) return Number(value)
  return Number(scaledInt64(quantity, -3)) / 1000
}

/** A cluster has few distinct quantities, all of them short; the bounds limit memory if they are generated. */
const maxCached = 1000
const longestCached = 64
const exactValues = new Map<string, number>()
const exactMilliValues = new Map<string, number>()

function cached(values: Map<string, number>, text: string, read: (text: string) => number): number {
  let value = values.get(text)
  if (value === undefined) {
    value = read(text)
    if (text.length > longestCached) return value
    if (values.size === maxCached) values.clear()
    values.set(text, value)
  }
  return value
}

/**
 * Mantissa times a power of ten, both as floats: `2.675` is 2.6750000000000003. Used for HPA tolerances and for the
 * values of custom resources. White space is an error. Throws a `QuantityError`.
 */
export function quantityAsApproximateFloat(text: string): number {
  const { unscaled, exponent } = parseQuantity(text)
  const mantissa = Number(unscaled)
  return exponent === 0 ? mantissa : mantissa * powerOfTen(exponent)
}

interface NumberText {
  readonly negative: boolean
  /** Without leading zeros; `0` if that leaves no digits. */
  readonly integer: string
  readonly decimals: string
  /** Without digits (`m`, `.`), the short form is zero, but the long form is an error. */
  readonly hasDigit: boolean
}

/** `e` or `E` and a whole number, which Go truncates to 32 bits. */
function readExponent(suffix: string): number | undefined {
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined
  const exponent = BigInt(suffix.slice(1).replace('+', ''))
  if (BigInt.asIntN(64, exponent) !== exponent) return undefined
  return Number(BigInt.asIntN(32, exponent))
}

function readDecimal(number: NumberText, exponent: number): Quantity | undefined {
  const digits = number.integer + number.decimals
  const scale = (exponent - number.decimals.length) | 0
  if (digits.length <= 18 && scale >= nano) {
    return { form: 'int64', unscaled: signed(number, BigInt(digits)), exponent: scale }
  }
  if (!number.hasDigit) return undefined
  const unscaled = BigInt(digits)
  if (unscaled === 0n) return { form: 'decimal', unscaled, exponent: scale }
  const shift = Math.min(exponent, largestExponent) - number.decimals.length - nano
  const nanos = shift >= 0 ? unscaled * 10n ** BigInt(shift) : divideUp(unscaled, -shift, digits.length)
  return { form: 'decimal', unscaled: signed(number, nanos), exponent: nano }
}

function readBinary(number: NumberText, exponent: number): Quantity | undefined {
  const precision = 15 - number.integer.length - (exponent * 3) / 10 - 1
  const factor = 1n << BigInt(exponent)
  if (number.decimals === '' && precision >= 0) {
    const product = BigInt(number.integer) * factor
    if (product <= maxInt64) return { form: 'int64', unscaled: signed(number, product), exponent: 0 }
  }
  if (!number.hasDigit) return undefined
  const unscaled = BigInt(number.integer + number.decimals) * factor
  if (unscaled === 0n) return { form: 'decimal', unscaled, exponent: -number.decimals.length }
  const shift = -number.decimals.length - nano
  const nanos = shift >= 0 ? unscaled * 10n ** BigInt(shift) : divideUp(unscaled, -shift, Infinity)
  if (nanos > maxInt64 * 10n ** 9n) return { form: 'decimal', unscaled: signed(number, maxInt64), exponent: 0 }
  return { form: 'decimal', unscaled: signed(number, nanos), exponent: nano }
}

function signed(number: NumberText, magnitude: bigint): bigint {
  return number.negative ? -magnitude : magnitude
}

/** Divides a positive number of at most `digitCount` digits by ten to the power of `places`, rounding up. */
function divideUp(dividend: bigint, places: number, digitCount: number): bigint {
  if (places >= digitCount) return 1n
  const divisor = 10n ** BigInt(places)
  return (dividend + divisor - 1n) / divisor
}

/** The quantity as a multiple of ten to the power of `scale`, in 64 bits, with Go's rounding and overflow. */
function scaledInt64(quantity: Quantity, scale: number): bigint {
  const { form, unscaled, exponent } = quantity
  const places = scale - exponent
  return form === 'int64' ? scaledShort(unscaled, places) : scaledLong(unscaled, places)
}

/** Left shifts by these places wrap around in Go; with any other, an overflow gives zero. */
const wrappingShifts: readonly number[] = [1, 2, 3, 6, 9]

/** Rounds away from zero. */
function scaledShort(unscaled: bigint, places: number): bigint {
  if (places > 0) return unscaled < 0n ? -divideUp(-unscaled, places, 19) : unscaled && divideUp(unscaled, places, 19)
  if (unscaled === 0n || places < -19) return 0n
  const product = unscaled * 10n ** BigInt(-places)
  const wrapped = BigInt.asIntN(64, product)
  return wrapped === product || wrappingShifts.includes(-places) ? wrapped : 0n
}

/** The lower 64 bits. If digits are cut, one is added to the quotient, which truncates for short numbers. */
function scaledLong(unscaled: bigint, places: number): bigint {
  if (places === 0) return BigInt.asIntN(64, unscaled)
  if (places < 0) {
    // A float above int64 converts to the lowest int64 on amd64.
    const factor = places > -19 ? 10n ** BigInt(-places) : -maxInt64 - 1n
    return BigInt.asIntN(64, BigInt.asIntN(64, unscaled) * factor)
  }
  const isShort = unscaled < maxInt64 && places < 19
  const divisor = 10n ** BigInt(places)
  const dividend = isShort ? BigInt.asIntN(64, unscaled) : unscaled
  const remainder = dividend % divisor
  const quotient = dividend / divisor
  if (remainder === 0n) return BigInt.asIntN(64, quotient)
  return BigInt.asIntN(64, remainder < 0n && !isShort ? quotient : quotient + 1n)
}

/** Powers of ten composed as in Go, from a table of every 32nd power; not always the nearest float. */
function powerOfTen(exponent: number): number {
  if (exponent > 308) return Infinity
  if (exponent < -323) return 0
  const rest = Math.abs(exponent) % 32
  const coarse = Number(`1e${exponent < 0 ? exponent + rest : exponent - rest}`)
  const fine = Number(`1e${rest}`)
  return exponent < 0 ? coarse / fine : coarse * fine
}
