/** An expression that cannot be compiled or evaluated. */
export class ExpressionError extends Error {
  /** Where in the text it is, from 0 on; undefined if that is unknown. */
  readonly offset: number | undefined

  constructor(message: string, offset?: number) {
    super(message)
    this.offset = offset
  }
}
