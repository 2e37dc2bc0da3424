/** Encodes the responses of a receiver: the export response and google.rpc.Status. */
import { messageType } from './message-types.ts'

const responseType = messageType('ExportMetricsServiceResponse')
const statusType = messageType('RpcStatus')
const retryInfoType = messageType('RetryInfo')
const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo'

/** The response for full success. */
export const fullSuccess: Uint8Array = responseType.encode({}).finish()

/** The response with the number of rejected points and the reason. */
export const encodePartialSuccess = (rejectedDataPoints: number, errorMessage: string): Uint8Array =>
  responseType.encode({ partialSuccess: { rejectedDataPoints, errorMessage } }).finish()

/** A google.rpc.Status, with a RetryInfo detail if `retryAfterMs` is given. */
export const encodeStatus = (code: number, message: string, retryAfterMs?: number): Uint8Array => {
  if (retryAfterMs === undefined) return statusType.encode({ code, message }).finish()
  const seconds = Math.floor(retryAfterMs / 1000)
  const nanos = Math.round((retryAfterMs % 1000) * 1e6)
  const value = retryInfoType.encode({ retryDelay: { seconds, nanos } }).finish()
  return statusType.encode({ code, message, details: [{ typeUrl: retryInfoUrl, value }] }).finish()
}
