/** The error that decoders throw: an object that cannot be read, with the path to the offending value. */

/** A value that the schema does not allow, or bytes that are no message. Costs the object it stands in, nothing else. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  /** Where in the object, like `spec.containers[0].name`; empty for the object itself. */
  readonly path: string
  readonly reason: string

  constructor(path: string, reason: string) {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.path = path
    this.reason = reason
  }
}

/** A place inside the parent: a field name, a list index, or a map key. */
export type Step = string | number

/** A step as it starts a path; names that would be misread are quoted. */
export function pathOf(step: Step | undefined): string {
  if (step === undefined) return ''
  if (typeof step === 'number') return `[${step}]`
  return /^[\w-]+$/.test(step) ? step : `[${JSON.stringify(step)}]`
}

/** The same failure seen from the parent. Anything but a DecodeError is handed back as it is. */
export function within(step: Step | undefined, failure: unknown): unknown {
  if (!(failure instanceof DecodeError) || step === undefined) return failure
  const joint = failure.path === '' || failure.path.startsWith('[') ? '' : '.'
  return new DecodeError(pathOf(step) + joint + failure.path, failure.reason)
}
