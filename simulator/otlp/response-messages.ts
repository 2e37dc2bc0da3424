// Owns the bytes a receiver answers with: the export response and google.rpc.Status. Refuses to decide which to send.
import { messageType } from './message-types.ts'

const responseType = messageType('ExportMetricsServiceResponse')
const statusType = messageType('RpcStatus')
const retryInfoType = messageType('RetryInfo')
const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo'

/** A response that says everything was taken. */
export const fullSuccess: Uint8Array = responseType.encode({}).finish()

/** A response that says how many points were not taken, and why. */
export const encodePartialSuccess = (rejectedDataPoints: number, errorMessage: string): Uint8Array =>
  responseType.encode({ partialSuccess: { rejectedDataPoints, errorMessage } }).finish()

/** A google.rpc.Status; with `retryAfterMs` it carries a RetryInfo detail with that delay. */
export const encodeStatus = (code: number, message: string, retryAfterMs?: number): Uint8Array => {
  if (retryAfterMs === undefined) return statusType.encode({ code, message }).finish()
  const seconds = Math.floor(retryAfterMs / 1000)
  const nanos = Math.round((retryAfterMs % 1000) * 1e6)
  const value = retryInfoType.encode({ retryDelay: { seconds, nanos } }).finish()
  return statusType.encode({ code, message, details: [{ typeUrl: retryInfoUrl, value }] }).finish()
}
